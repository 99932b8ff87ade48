using Isotope.Pickles;

namespace Isotope.Networks.Checkpoints;

/// <summary>
/// Layers of a whole model that compute something else than their tensors tell. In a state dict nobody sees them; a whole model names its
/// layers.
/// </summary>
internal static class UnusualLayer
{
    private const double UsualEpsilon = 1e-5;
    private const string Layers = "torch.nn.modules.";
    private static readonly string[] UsualActivations = ["ReLU", "ReLU6", "SiLU", "GELU", "Sigmoid", "Softmax", "MultiheadAttention"];

    /// <summary>What is unusual about a layer; null for a usual or an unknown one.</summary>
    /// <param name="type">Its class in Python.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="name">Its name in the model.</param>
    public static string? Of(string type, PickleDictionary attributes, string name)
    {
        if (!type.StartsWith(Layers, StringComparison.Ordinal))
            return null;
        var kind = type[(type.LastIndexOf('.') + 1)..];
        if (type.StartsWith($"{Layers}activation.", StringComparison.Ordinal))
            return UsualActivations.Contains(kind) ? null : kind;
        return kind switch
        {
            "Identity" when name.EndsWith("pool", StringComparison.Ordinal) => "no pooling",
            "BatchNorm2d" when attributes.Find("eps") is double epsilon and not UsualEpsilon => $"an epsilon of {epsilon}",
            "InstanceNorm2d" or "BatchNorm2d" when attributes.Find("track_running_stats") is false => "statistics of each batch",
            "Conv2d" when attributes.Find("dilation") is object?[] steps && steps.Any(step => step is not 1L) => "a dilation",
            "Conv2d" when attributes.Find("padding_mode") is string mode and not "zeros" => $"{Files.Printable.Start(mode)} padding",
            _ => null,
        };
    }
}
