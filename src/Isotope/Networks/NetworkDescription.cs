using Isotope.Files;
using Isotope.Networks.Checkpoints;
using Isotope.Networks.Onnx;
using Isotope.Networks.Scripts;

namespace Isotope.Networks;

/// <summary>What can be said of a file of weights, whether Isotope knows the network or not. Nothing in the file is run.</summary>
public sealed record NetworkDescription
{
    /// <summary>Safetensors, one of PyTorch's two formats, ONNX or TorchScript.</summary>
    public required string Format { get; init; }

    /// <summary>
    /// The architecture by which <see cref="Network.Load"/> opens the file, <c>onnx</c> or <c>torchscript</c> where the file
    /// brings its own; null where it does not.
    /// </summary>
    public string? Architecture { get; init; }

    /// <summary>Why there is no architecture; null where there is one.</summary>
    public string? NotRecognised { get; init; }

    /// <summary>Dimension d of the features: the classifier's, or else the columns of the last linear layer.</summary>
    public long? Dimension { get; init; }

    /// <summary>Number of classes C: the classifier's, or else the rows of the last linear layer.</summary>
    public long? Classes { get; init; }

    /// <summary>Whether dimension and classes are those of the last linear layer, which nobody has seen to be the classifier.</summary>
    public bool OfLastLayer { get; init; }

    /// <summary>Side of the square views, pixels, where the architecture or the file tells it.</summary>
    public int? InputSize { get; init; }

    /// <summary>View size and normalisation, where the architecture is known; ONNX and TorchScript files state no normalisation.</summary>
    public InputSpec? Input { get; init; }

    /// <summary>Number of trained numbers: floating point, without the statistics of batch normalisation.</summary>
    public required long Parameters { get; init; }

    /// <summary>Number of tensors of each element type.</summary>
    public required IReadOnlyDictionary<string, int> Types { get; init; }

    /// <summary>Linear layers in the file's order, the candidates for a classifier; embeddings look the same.</summary>
    public required IReadOnlyList<LinearLayer> LinearLayers { get; init; }

    /// <summary>Hash of the file, and of those that hold an ONNX model's data.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Describes a checkpoint, an ONNX or a TorchScript file.</summary>
    /// <exception cref="IsotopeException">Missing, damaged, of another kind, or not harmless.</exception>
    public static NetworkDescription Of(string path)
    {
        var kind = UntrustedFile.Read(path, FileKind.Of);
        if (kind == FileKind.Protobuf)
            return OfOnnx(OnnxFile.Read(path));
        return ForeignFile.IsScript(path) ? OfScript(path) : OfCheckpoint(path, kind);
    }

    private static NetworkDescription OfCheckpoint(string path, string kind)
    {
        using var weights = Checkpoint.Load(path);
        StoredTensor[] tensors = [.. weights.Select(tensor => StoredTensor.Of(tensor.Key, tensor.Value))];
        var format = kind switch
        {
            FileKind.Zip => "PyTorch (zip)",
            FileKind.Pickle => "PyTorch (legacy)",
            _ => "safetensors",
        };
        var description = Of(format, Hashes.OfFile(path), tensors, StoredTensor.LinearLayers(tensors));
        try
        {
            using var network = Network.OfWeights(weights, named: null, path, description.Sha256);
            return description with
            {
                Architecture = network.Architecture,
                Dimension = network.FeatureDimension,
                Classes = network.Classes,
                OfLastLayer = false,
                InputSize = network.Input.Size,
                Input = network.Input,
            };
        }
        catch (IsotopeException e)
        {
            return description with { NotRecognised = e.Message };
        }
    }

    private static NetworkDescription OfOnnx(OnnxFile file)
    {
        var description = UntrustedFile.Read(
            file.Path,
            _ =>
                Of("ONNX", file.Sha256(), [.. file.Model.Graph.Initializer.Select(StoredTensor.Of)], OnnxHead.Candidates(file)) with
                {
                    InputSize = file.InputSize,
                }
        );
        try
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            var weight = UntrustedFile.Read(file.Path, _ => OnnxHead.Find(file)).Weight;
            return description with { Architecture = "onnx", Dimension = weight.shape[1], Classes = weight.shape[0], OfLastLayer = false };
        }
        catch (IsotopeException e)
        {
            return description with { NotRecognised = e.Message };
        }
    }

    private static NetworkDescription OfScript(string path)
    {
        var tensors = UntrustedFile.Read(path, ScriptArchive.Tensors);
        var description = Of("TorchScript", Hashes.OfFile(path), tensors, StoredTensor.LinearLayers(tensors));
        return description.LinearLayers.Count > 0
            ? description with
            {
                Architecture = "torchscript",
            }
            : description with
            {
                NotRecognised = $"{path}: expected a linear layer, found none (was the model frozen or quantized?)",
            };
    }

    private static NetworkDescription Of(
        string format,
        string sha256,
        IReadOnlyList<StoredTensor> tensors,
        IReadOnlyList<LinearLayer> layers
    ) =>
        new()
        {
            Format = format,
            Dimension = layers is [.., var last] ? last.Inputs : null,
            Classes = layers is [.., var end] ? end.Outputs : null,
            OfLastLayer = layers.Count > 0,
            Parameters = tensors.Where(tensor => tensor.IsTrained).Sum(tensor => tensor.Count),
            Types = tensors.CountBy(tensor => tensor.Type).OrderBy(type => type.Key, StringComparer.Ordinal).ToDictionary(),
            LinearLayers = layers,
            Sha256 = sha256,
        };
}
