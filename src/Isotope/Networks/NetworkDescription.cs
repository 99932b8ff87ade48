using Isotope.Datasets;
using Isotope.Networks.Checkpoints;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>A matrix of a file of weights.</summary>
/// <param name="Name">Its name without <c>.weight</c>.</param>
/// <param name="Inputs">Columns.</param>
/// <param name="Outputs">Rows.</param>
/// <param name="Bias">Whether there is a bias beside it.</param>
public sealed record LinearLayer(string Name, long Inputs, long Outputs, bool Bias);

/// <summary>What can be said of a file of weights, whether Isotope knows the network or not.</summary>
public sealed record NetworkDescription
{
    private const string WeightSuffix = ".weight";

    /// <summary>Safetensors, or one of PyTorch's two formats.</summary>
    public required string Format { get; init; }

    /// <summary>The architecture by which <see cref="Network.Load"/> opens the file; null where it does not.</summary>
    public string? Architecture { get; init; }

    /// <summary>Why there is no architecture; null where there is one.</summary>
    public string? NotRecognised { get; init; }

    /// <summary>Dimension d of the features: the architecture's, or else the columns of the last linear layer.</summary>
    public long? Dimension { get; init; }

    /// <summary>Number of classes C: the architecture's, or else the rows of the last linear layer.</summary>
    public long? Classes { get; init; }

    /// <summary>View size and normalisation, where the architecture is known.</summary>
    public InputSpec? Input { get; init; }

    /// <summary>Number of trained numbers: floating point, without the statistics of batch normalisation.</summary>
    public required long Parameters { get; init; }

    /// <summary>Number of tensors of each element type.</summary>
    public required IReadOnlyDictionary<string, int> Types { get; init; }

    /// <summary>Linear layers in the file's order; embeddings look the same.</summary>
    public required IReadOnlyList<LinearLayer> LinearLayers { get; init; }

    /// <summary>Hash of the file.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Describes a checkpoint.</summary>
    /// <exception cref="IsotopeException">As <see cref="Checkpoint.Load"/>.</exception>
    public static NetworkDescription Of(string path)
    {
        var description = OfWeights(path);
        try
        {
            using var network = Network.Load(path);
            return description with { Architecture = network.Architecture, Dimension = network.FeatureDimension, Classes = network.Classes, Input = network.Input };
        }
        catch (IsotopeException e)
        {
            return description with { NotRecognised = CheckpointFile.Printable(e.Message) };
        }
    }

    private static NetworkDescription OfWeights(string path)
    {
        using var weights = Checkpoint.Load(path);
        LinearLayer[] layers = [.. weights.Where(IsMatrix).Select(item => LayerOf(item.Key, item.Value, weights))];
        return new NetworkDescription
        {
            Format = CheckpointFile.Read(path, FileKind.Of) switch { FileKind.Zip => "PyTorch (zip)", FileKind.Pickle => "PyTorch (legacy)", _ => "safetensors" },
            Dimension = layers.LastOrDefault()?.Inputs,
            Classes = layers.LastOrDefault()?.Outputs,
            Parameters = weights.Where(IsTrained).Sum(item => item.Value.NumberOfElements),
            Types = weights.CountBy(item => NameOf(item.Value.dtype)).OrderBy(type => type.Key, StringComparer.Ordinal).ToDictionary(),
            LinearLayers = layers,
            Sha256 = Hashes.OfFile(path),
        };
    }

    private static bool IsMatrix(KeyValuePair<string, Tensor> item) =>
        item.Value.dim() == 2 && item.Value.is_floating_point() && item.Key.EndsWith(WeightSuffix, StringComparison.Ordinal);

    private static bool IsTrained(KeyValuePair<string, Tensor> item) =>
        item.Value.is_floating_point() && !item.Key.EndsWith("running_mean", StringComparison.Ordinal) && !item.Key.EndsWith("running_var", StringComparison.Ordinal);

    private static LinearLayer LayerOf(string name, Tensor weight, StateDict weights)
    {
        var layer = name[..^WeightSuffix.Length];
        return new LinearLayer(CheckpointFile.Printable(layer), weight.shape[1], weight.shape[0], weights.TryGet($"{layer}.bias", out _));
    }

    private static string NameOf(ScalarType type) => type is ScalarType.Byte ? "uint8" : type.ToString().ToLowerInvariant();
}
