using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>All architectures by name.</summary>
internal static class Catalogue
{
    private static readonly InputSpec Cifar = new() { Size = 32 };
    private static readonly InputSpec ImageNet = new() { Size = 224, CentreRatio = 224 / 256.0 };

    /// <summary>All architectures, in the order of the documentation.</summary>
    public static readonly IReadOnlyList<Architecture> All =
    [
        .. new[] { 14, 20, 32, 44, 56, 110 }.Select(CifarResNet),
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

    /// <summary>Finds an architecture by name.</summary>
    /// <exception cref="IsotopeException">The name is not in the catalogue.</exception>
    public static Architecture Find(string name) =>
        All.FirstOrDefault(architecture => architecture.Name == name)
        ?? throw new IsotopeException($"architecture: expected one of {string.Join(", ", All.Select(a => a.Name))}; found '{name}'");

    /// <summary>
    /// Finds the architecture whose state dict has exactly these names and shapes, and its number of classes. Batch normalisation's
    /// counters may be missing. What leaves no trace in shapes, such as the position of a stride, goes unnoticed.
    /// </summary>
    /// <param name="shapes">Shapes by current name.</param>
    /// <param name="path">The file, for errors.</param>
    /// <exception cref="IsotopeException">
    /// No architecture fits (the message names the nearest one and the first difference), or several do.
    /// </exception>
    public static (Architecture Architecture, int Classes) Recognise(IReadOnlyDictionary<string, long[]> shapes, string path) =>
        Recogniser.Recognise(shapes, path, All);

    private static Architecture CifarResNet(int depth) =>
        new($"resnet{depth}", "linear", Cifar, (classes, device) => new CifarResNet((depth - 2) / 6, classes, device));

    private static Architecture ResNet(string name, int[] blocks, bool bottleneck) =>
        new(name, "fc", ImageNet, (classes, device) => new ResNet(blocks, bottleneck, classes, device));

    private static Architecture[] Vgg(string name, int[] convolutions) =>
        [Vgg(name, convolutions, batchNorm: false), Vgg($"{name}_bn", convolutions, batchNorm: true)];

    private static Architecture Vgg(string name, int[] convolutions, bool batchNorm, bool smallImages = false)
    {
        return new(name, "classifier.6", smallImages ? Cifar : ImageNet, Build) { SmallestInput = 32 };

        ClassifierModule Build(int classes, Device? device) => new Vgg(convolutions, batchNorm, classes, smallImages, device);
    }

    private static Architecture DenseNet(string name, int[] layers, int growth, bool smallImages = false)
    {
        return new(name, "classifier", smallImages ? Cifar : ImageNet, Build) { SmallestInput = smallImages ? 8 : 29 };

        ClassifierModule Build(int classes, Device? device) => new DenseNet(layers, growth, classes, smallImages, device);
    }
}
