namespace Isotope.Networks.Architectures;

/// <summary>All architectures: the one place where their names are known.</summary>
public static class Catalogue
{
    private static readonly InputSpec Cifar = new() { Size = 32 };
    private static readonly InputSpec ImageNet = new() { Size = 224, CentreRatio = 224 / 256.0 };

    /// <summary>Every architecture, in the order of the documentation.</summary>
    public static readonly IReadOnlyList<Architecture> All =
    [
        .. new[] { 14, 20, 32, 44, 56, 110 }.Select(depth => new Architecture(
            $"resnet{depth}",
            "linear",
            Cifar,
            (classes, device) => new CifarResNet((depth - 2) / 6, classes, device)
        )),
        new("cifar-resnet18", "linear", Cifar, (classes, device) => new CifarStemResNet(2, classes, device)),
        Vgg("cifar-vgg11_bn", [1, 1, 2, 2, 2], batchNorm: true, smallImages: true),
        Vgg("cifar-vgg13_bn", [2, 2, 2, 2, 2], batchNorm: true, smallImages: true),
        Vgg("cifar-vgg16_bn", [2, 2, 3, 3, 3], batchNorm: true, smallImages: true),
        Vgg("cifar-vgg19_bn", [2, 2, 4, 4, 4], batchNorm: true, smallImages: true),
        DenseNet("cifar-densenet40", [6, 6, 6], growth: 12, smallImages: true),
        DenseNet("cifar-densenet100", [16, 16, 16], growth: 12, smallImages: true),
        ResNet("resnet18", [2, 2, 2, 2], bottleneck: false),
        ResNet("resnet34", [3, 4, 6, 3], bottleneck: false),
        ResNet("resnet50", [3, 4, 6, 3], bottleneck: true),
        ResNet("resnet101", [3, 4, 23, 3], bottleneck: true),
        ResNet("resnet152", [3, 8, 36, 3], bottleneck: true),
        .. Vgg("vgg11", [1, 1, 2, 2, 2]),
        .. Vgg("vgg13", [2, 2, 2, 2, 2]),
        .. Vgg("vgg16", [2, 2, 3, 3, 3]),
        .. Vgg("vgg19", [2, 2, 4, 4, 4]),
        DenseNet("densenet121", [6, 12, 24, 16], growth: 32),
        DenseNet("densenet161", [6, 12, 36, 24], growth: 48),
        DenseNet("densenet169", [6, 12, 32, 32], growth: 32),
        DenseNet("densenet201", [6, 12, 48, 32], growth: 32),
        new("mobilenet_v2", "classifier.1", ImageNet, (classes, device) => new MobileNetV2(classes, device)),
    ];

    /// <summary>Whether a name is in the catalogue.</summary>
    public static bool Contains(string name) => All.Any(architecture => architecture.Name == name);

    /// <summary>The architecture of a name.</summary>
    /// <exception cref="IsotopeException">Not in the catalogue.</exception>
    public static Architecture Find(string name) =>
        All.FirstOrDefault(architecture => architecture.Name == name)
        ?? throw new IsotopeException($"architecture: expected one of {string.Join(", ", All.Select(a => a.Name))}; found '{name}'");

    /// <summary>
    /// The architecture whose state dict has exactly these names and shapes, and its number of classes. Counters of batch
    /// normalisation may be missing. What leaves no trace in shapes, such as the place of a stride, is not seen.
    /// </summary>
    /// <param name="shapes">Shapes by name, as <see cref="CurrentName"/> gives it.</param>
    /// <param name="path">Where they are from, for errors.</param>
    /// <exception cref="IsotopeException">None fits: says which is nearest and what differs first. Or several fit.</exception>
    public static (Architecture Architecture, int Classes) Recognise(IReadOnlyDictionary<string, long[]> shapes, string path) =>
        Recogniser.Recognise(shapes, path, All);

    /// <summary>The name that a tensor has today: torchvision's published DenseNet files have older ones.</summary>
    public static string CurrentName(string name) => Architectures.DenseNet.CurrentName(name);

    private static Architecture ResNet(string name, int[] blocks, bool bottleneck) =>
        new(name, "fc", ImageNet, (classes, device) => new ResNet(blocks, bottleneck, classes, device));

    private static Architecture[] Vgg(string name, int[] convolutions) =>
        [Vgg(name, convolutions, batchNorm: false), Vgg($"{name}_bn", convolutions, batchNorm: true)];

    private static Architecture Vgg(string name, int[] convolutions, bool batchNorm, bool smallImages = false) =>
        new(
            name,
            "classifier.6",
            smallImages ? Cifar : ImageNet,
            (classes, device) => new Vgg(convolutions, batchNorm, classes, smallImages, device)
        )
        {
            SmallestInput = 32,
        };

    private static Architecture DenseNet(string name, int[] layers, int growth, bool smallImages = false) =>
        new(
            name,
            "classifier",
            smallImages ? Cifar : ImageNet,
            (classes, device) => new DenseNet(layers, growth, classes, smallImages, device)
        )
        {
            SmallestInput = smallImages ? 8 : 29,
        };
}
