using Isotope.Files;
using Isotope.Networks.Architectures;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using BatchNorm = Isotope.Networks.Architectures.BatchNorm;

namespace Isotope.Networks.Checkpoints;

/// <summary>
/// Layers of a whole model that compute something else than the architecture does that their tensors fit. In a state dict nobody sees
/// them; a whole model names its layers.
/// </summary>
internal sealed class UnusualLayer : IDisposable
{
    /// <summary>Gates, attention, and what may follow the classifier, which is read without it.</summary>
    private static readonly string[] Anywhere = ["Sigmoid", "Softmax", "LogSoftmax", "MultiheadAttention"];

    /// <summary>Activations of others: <c>timm.layers.activations.Swish</c>, <c>utils.Mish</c>.</summary>
    private static readonly string[] Activations =
    [
        .. new[]
        {
            "ReLU",
            "ReLU6",
            "LeakyReLU",
            "PReLU",
            "RReLU",
            "ELU",
            "SELU",
            "CELU",
            "GELU",
            "SiLU",
            "Swish",
            "Mish",
            "Softplus",
            "Tanh",
        },
        .. new[] { "Hardswish", "HardSwish", "Hardsigmoid", "Hardtanh", "QuickGELU", "FReLU", "CReLU", "MemoryEfficientSwish", "h_swish" },
    ];

    /// <summary>Layers without weights that do nothing in evaluation, or what every network does.</summary>
    private static readonly string[] Harmless =
    [
        .. new[] { "LambdaLayer", "Lambda", "Identity", "DropPath", "StochasticDepth", "Flatten", "Dropout", "DropBlock", "DropBlock2d" },
        .. new[] { "View", "Squeeze", "Normalize", "Permute", "SelectAdaptivePool2d", "GlobalAvgPool2d", "FastAdaptiveAvgPool2d" },
    ];

    private readonly Fit fit;
    private readonly ClassifierModule expected;
    private readonly Dictionary<string, nn.Module> byName;

    /// <param name="fit">How names become ours.</param>
    /// <param name="architecture">What the layers are compared with.</param>
    public UnusualLayer(Fit fit, Architecture architecture)
    {
        this.fit = fit;
        expected = architecture.Build(1, new Device(DeviceType.META));
        byName = expected.named_modules().DistinctBy(layer => layer.name).ToDictionary(layer => layer.name, layer => layer.module);
    }

    /// <summary>What is unusual about the first such layer, and where it is; null if there is none.</summary>
    public string? FirstOf(IReadOnlyList<StoredLayer> layers) =>
        layers
            .Where(layer => layer.Name.StartsWith(fit.Prefix, StringComparison.Ordinal))
            .Select(layer => Of(layer) is { } why ? $"{why} at {Printable.Start(layer.Name)}" : null)
            .FirstOrDefault(why => why is not null);

    /// <summary>Layers whose class alone would tell what they compute, which nobody runs.</summary>
    public static IEnumerable<string> Unknown(IReadOnlyList<StoredLayer> layers) =>
        layers
            .Where(layer => !layer.IsPyTorchs && layer.IsBare && !Harmless.Contains(layer.Kind) && !Activations.Contains(layer.Kind))
            .DistinctBy(layer => layer.Type)
            .Select(layer => $"nobody knows what its layers {Printable.Start(layer.Type)} compute, such as {Printable.Start(layer.Name)}");

    /// <inheritdoc/>
    public void Dispose() => expected.Dispose();

    private string? Of(StoredLayer layer)
    {
        var ours = fit.Naming.PlaceOf($"{layer.Name}.weight") is { } place ? byName.GetValueOrDefault(WithoutWeight(place.Name)) : null;
        return ours switch
        {
            Conv2d convolution => OfConvolution(layer, convolution),
            BatchNorm => OfNorm(layer, BatchNorm.Epsilon),
            ChannelNorm norm => OfNorm(layer, norm.Epsilon),
            LayerNorm norm => OfNorm(layer, norm.eps),
            AvgPool2d => layer.Kind == nameof(AvgPool2d) ? Difference(layer, "kernel_size", 2, 2) : Printable.Start(layer.Kind),
            MaxPool2d => OfPooling(layer, isMaximum: true),
            _ when IsPooling(layer) => OfPooling(layer, layer.Name.EndsWith("maxpool", StringComparison.Ordinal)),
            _ when IsActivation(layer) => OfActivation(layer),
            _ when layer is { IsPyTorchs: true, Kind: "InstanceNorm2d" or "Upsample" } => layer.Kind,
            _ => null,
        };
    }

    private static string? OfConvolution(StoredLayer layer, Conv2d ours)
    {
        if (layer.Kind != nameof(Conv2d))
            return Printable.Start(layer.Kind);
        if (layer.Attributes.Find("padding_mode") is string mode and not "zeros")
            return $"{Printable.Start(mode)} padding";
        (string Name, long[] Expected)[] attributes =
        [
            ("stride", ours.stride),
            ("padding", ours.padding ?? [0, 0]),
            ("dilation", ours.dilation),
            ("groups", [ours.groups]),
        ];
        return attributes
            .Where(attribute => layer.Attributes.Find(attribute.Name) is not null)
            .Select(attribute => Difference(layer, attribute.Name, attribute.Expected[0], attribute.Expected[^1]))
            .FirstOrDefault(why => why is not null);
    }

    private static string? Difference(StoredLayer layer, string attribute, long height, long width)
    {
        var found = layer.Pair(attribute);
        if (found == (height, width))
            return null;
        return found is { } pair ? $"{attribute} {Text(pair)} instead of {Text((height, width))}" : $"another {attribute}";

        static string Text((long Height, long Width) pair) =>
            FormattableString.Invariant($"{pair.Height}{(pair.Width == pair.Height ? "" : $" × {pair.Width}")}");
    }

    private static string? OfNorm(StoredLayer layer, double expected)
    {
        if (layer.Attributes.Find("track_running_stats") is false)
            return "statistics of each batch";
        return layer.Attributes.Find("eps") is double epsilon && epsilon != expected
            ? FormattableString.Invariant($"an epsilon of {epsilon} instead of {expected}")
            : null;
    }

    private string? OfActivation(StoredLayer layer)
    {
        if (layer.Attributes.Find("approximate") is string how and not "none")
            return $"a GELU that is computed by {Printable.Start(how)}";
        return layer.Kind == expected.Activation || Anywhere.Contains(layer.Kind) ? null : layer.Kind;
    }

    /// <summary>Averaging is the usual end of a network, and then has to fit the classifier.</summary>
    private string? OfPooling(StoredLayer layer, bool isMaximum)
    {
        switch (layer.Kind)
        {
            case "Identity":
                return isMaximum && expected.MaxPooling is null ? null : "no pooling";
            case "AvgPool2d" when !isMaximum || layer.Pair("kernel_size") == (1, 1):
            case "AdaptiveAvgPool2d" when !isMaximum:
                return null;
            case "MaxPool2d" when expected.MaxPooling is var (kernel, stride, padding):
                return Difference(layer, "kernel_size", kernel, kernel)
                    ?? Difference(layer, "stride", stride, stride)
                    ?? Difference(layer, "padding", padding, padding)
                    ?? Difference(layer, "dilation", 1, 1)
                    ?? (layer.Attributes.Find("ceil_mode") is true ? "pooling that rounds up" : null);
            default:
                return Printable.Start(layer.Kind);
        }
    }

    private static bool IsPooling(StoredLayer layer) =>
        layer is { IsPyTorchs: true, Kind: "Identity" }
            ? layer.Name.EndsWith("pool", StringComparison.Ordinal)
            : layer.Kind.EndsWith("Pool2d", StringComparison.Ordinal) && !Harmless.Contains(layer.Kind);

    private static bool IsActivation(StoredLayer layer) =>
        layer.Type.StartsWith("torch.nn.modules.activation.", StringComparison.Ordinal) || Activations.Contains(layer.Kind);

    private static string WithoutWeight(string name) =>
        name.EndsWith(".weight", StringComparison.Ordinal) ? name[..^".weight".Length] : name;
}
