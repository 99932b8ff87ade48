using Isotope.Files;
using Isotope.Networks.Checkpoints;
using Isotope.Networks.Onnx;
using Isotope.Networks.Scripts;

namespace Isotope.Networks;

/// <summary>A file of weights described, whether or not Isotope knows the network. Nothing in the file is run.</summary>
public sealed record NetworkDescription
{
    /// <summary>Safetensors, one of PyTorch's two formats, ONNX or TorchScript.</summary>
    public required string Format { get; init; }

    /// <summary>
    /// The architecture as which <see cref="Network.Load"/> would open the file; <c>onnx</c> or <c>torchscript</c> for a file with its
    /// own; null if it is not recognised.
    /// </summary>
    public string? Architecture { get; init; }

    /// <summary>Why the architecture was not recognised; null if it was.</summary>
    public string? NotRecognised { get; init; }

    /// <summary>
    /// What the names and shapes of the tensors leave open, a clause each, such as another architecture that has the same ones and how
    /// to choose it. Nothing shows in them where a stride, a pooling or a dilation is, nor how images are normalised.
    /// </summary>
    public IReadOnlyList<string> LeftOpen { get; init; } = [];

    /// <summary>Where a checkpoint holds the weights: key and prefix of names; empty if names begin at the top.</summary>
    public string Place { get; init; } = "";

    /// <summary>
    /// What was left out: other places with tensors, tensors that the network has no place for, and entries that can't be read.
    /// </summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>How a file with its own architecture is read, such as which of its outputs counts; null if there was no choice.</summary>
    public string? Reading { get; init; }

    /// <summary>Dimension d of the features, by the classifier, or else by the columns of the last linear layer.</summary>
    public long? Dimension { get; init; }

    /// <summary>Number of classes C, by the classifier, or else by the rows of the last linear layer.</summary>
    public long? Classes { get; init; }

    /// <summary>Whether dimension and classes come from the last linear layer, which need not be the classifier.</summary>
    public bool OfLastLayer { get; init; }

    /// <summary>Side of the square views, pixels, if the architecture or the file states it.</summary>
    public int? InputSize { get; init; }

    /// <summary>View size and normalisation, if the architecture is known; ONNX and TorchScript files state no normalisation.</summary>
    public InputSpec? Input { get; init; }

    /// <summary>Number of trained parameters: floating point, without the running statistics of batch normalisation.</summary>
    public required long Parameters { get; init; }

    /// <summary>Number of tensors by element type.</summary>
    public required IReadOnlyDictionary<string, int> Types { get; init; }

    /// <summary>Linear layers in the file's order, the candidates for the classifier. Embeddings look the same and are included.</summary>
    public required IReadOnlyList<LinearLayer> LinearLayers { get; init; }

    /// <summary>SHA-256 of the file; for ONNX, of its external data too.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Describes a checkpoint, an ONNX or a TorchScript file.</summary>
    /// <exception cref="IsotopeException">The file is missing, damaged, of another kind, or not harmless.</exception>
    public static NetworkDescription Of(string path)
    {
        var reference = NetworkReference.Parse(path);
        path = reference.Path;
        if (Directory.Exists(path))
            throw NetworkReference.IsFolder(path);
        var kind = UntrustedFile.Read(path, FileKind.Of);
        if (ForeignFile.IsOnnx(path, kind))
            return OfOnnx(OnnxFile.Read(path));
        return ForeignFile.IsScript(path) ? OfScript(path) : OfCheckpoint(reference, kind);
    }

    private static NetworkDescription OfCheckpoint(NetworkReference reference, string kind)
    {
        using var weights = Checkpoint.Load(reference.Path, reference.Layer);
        StoredTensor[] tensors = [.. weights.Select(tensor => StoredTensor.Of(tensor.Key, tensor.Value))];
        var format = kind switch
        {
            FileKind.Zip => "PyTorch (zip)",
            FileKind.Pickle => "PyTorch (legacy)",
            _ => "safetensors",
        };
        var description = Of(format, Hashes.OfFile(reference.Path), tensors, StoredTensor.LinearLayers(tensors)) with
        {
            Place = weights.Place,
            LeftOut =
            [
                .. weights.OtherPlaces.Select(place => $"#{place}"),
                .. weights.NotRead.Select(entry => $"{entry.Key} ({entry.Value})"),
            ],
        };
        try
        {
            using var network = TorchNetwork.Of(weights, reference, description.Sha256);
            return description with
            {
                Architecture = network.Architecture,
                LeftOpen = network.LeftOpen,
                Place = network.Found.Place,
                LeftOut = [.. description.LeftOut, .. network.Found.LeftOver],
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
        OnnxGraph graph = new(file.Model);
        var description = UntrustedFile.Guard(file.Path, Describe);
        try
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            var (dimension, classes, reading) = OnnxNetwork.Describe(file, graph);
            return description with
            {
                Architecture = "onnx",
                Dimension = dimension,
                Classes = classes,
                OfLastLayer = false,
                Reading = reading,
            };
        }
        catch (IsotopeException e)
        {
            return description with { NotRecognised = e.Message };
        }

        NetworkDescription Describe()
        {
            StoredTensor[] tensors = [.. file.Model.Graph.Initializer.Select(StoredTensor.Of)];
            return Of("ONNX", file.Sha256(), tensors, OnnxHead.Candidates(graph)) with { InputSize = file.InputSize };
        }
    }

    private static NetworkDescription OfScript(string path)
    {
        var tensors = UntrustedFile.Read(path, ScriptArchive.Tensors);
        var description = Of("TorchScript", Hashes.OfFile(path), tensors, StoredTensor.LinearLayers(tensors));
        const string unseen = "it has no matrix by name; a classifier that is a constant or a convolution is found when it is run";
        return description with { Architecture = "torchscript", Reading = description.LinearLayers.Count > 0 ? null : unseen };
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
