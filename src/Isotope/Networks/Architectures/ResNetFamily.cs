namespace Isotope.Networks.Architectures;

/// <summary>The residual networks of the catalogue.</summary>
internal static class ResNetFamily
{
    private const string Dilated =
        "a dilated ResNet has the same tensors and other answers: export one to ONNX or TorchScript (docs/export.md)";

    private static readonly (int Depth, int[] Blocks)[] Depths =
    [
        (18, [2, 2, 2, 2]),
        (34, [3, 4, 6, 3]),
        (50, [3, 4, 6, 3]),
        (101, [3, 4, 23, 3]),
        (152, [3, 8, 36, 3]),
    ];

    /// <summary>For 32 × 32 pixels: three narrow stages (He et al. 2016, §4.2), or ImageNet's four after a small stem.</summary>
    public static IEnumerable<Architecture> ForSmallImages { get; } =
    [
        .. new[] { 14, 20, 32, 44, 56, 110 }.Select(WithoutProjections),
        .. new[] { 14, 20, 32, 44, 56, 110 }.Select(depth => Narrow(depth, (depth - 2) / 6, bottleneck: false)),
        .. new[] { 65, 83, 164 }.Select(depth => Narrow(depth, (depth - 2) / 9, bottleneck: true)),
        .. Depths.SelectMany(SmallStems),
    ];

    /// <summary>For ImageNet.</summary>
    public static IEnumerable<Architecture> ForLargeImages { get; } =
    [
        .. Depths.Select(item => Large($"resnet{item.Depth}", FormOf(item))),
        .. Depths.Where(item => item.Depth >= 50).Select(StrideFirst),
        .. Depths.Append((26, [2, 2, 2, 2])).Select(WithD),
        Large("resnext50_32x4d", new ResNetForm([3, 4, 6, 3], Bottleneck: true) { Widening = 2, Groups = 32 }),
        Large("resnext101_32x8d", new ResNetForm([3, 4, 23, 3], Bottleneck: true) { Widening = 4, Groups = 32 }),
        Large("resnext101_64x4d", new ResNetForm([3, 4, 23, 3], Bottleneck: true) { Widening = 4, Groups = 64 }),
        Large("wide_resnet50_2", new ResNetForm([3, 4, 6, 3], Bottleneck: true) { Widening = 2 }),
        Large("wide_resnet101_2", new ResNetForm([3, 4, 23, 3], Bottleneck: true) { Widening = 2 }),
    ];

    private static ResNetForm FormOf((int Depth, int[] Blocks) item) => new(item.Blocks, Bottleneck: item.Depth is 26 or >= 50);

    private static Architecture WithoutProjections(int depth) =>
        new($"resnet{depth}", "linear", Inputs.Cifar, (classes, device) => new CifarResNet((depth - 2) / 6, classes, device));

    private static Architecture Narrow(int depth, int blocks, bool bottleneck) =>
        Of($"resnet{depth}-b", Inputs.Cifar, new([blocks, blocks, blocks], bottleneck) { Width = 16, Stem = StemKind.Small });

    private static IEnumerable<Architecture> SmallStems((int Depth, int[] Blocks) item)
    {
        var name = $"cifar-resnet{item.Depth}";
        yield return Of(name, Inputs.Cifar, FormOf(item) with { Stem = StemKind.Small });
        var pooled = FormOf(item) with { Stem = StemKind.SmallPooled };
        yield return Of($"{name}-pooled", Inputs.Cifar, pooled) with
        {
            CommonerTwin = name,
        };
    }

    private static Architecture Large(string name, ResNetForm form) =>
        Of(name, Inputs.ImageNet, form) with
        {
            LeftOpen = form.Bottleneck ? [Dilated] : [],
        };

    private static Architecture StrideFirst((int Depth, int[] Blocks) item)
    {
        var name = $"resnet{item.Depth}";
        return Of($"{name}-caffe", Inputs.ImageNet, FormOf(item) with { StrideFirst = true }) with { CommonerTwin = name };
    }

    private static Architecture WithD((int Depth, int[] Blocks) item) =>
        Of($"resnet{item.Depth}d", Inputs.ImageNet, FormOf(item) with { Stem = StemKind.Deep, AveragedShortcuts = true });

    private static Architecture Of(string name, InputSpec input, ResNetForm form) =>
        new(name, "fc", input, (classes, device) => new ResNet(form, classes, device));
}
