using System.Text.Json;
using System.Text.Json.Serialization;
using Isotope.Datasets;
using Isotope.Networks.Architectures;
using Isotope.Networks.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>
/// A classifier seen as the paper sees it: features φ(x) of dimension d and a final linear layer W (C × d), b. It takes
/// views in grey levels 0…255 and normalises them itself. <see cref="Load"/> gives a frozen one: evaluation mode, no
/// parameter gradients.
/// </summary>
public sealed class Network : IDisposable
{
    private const string ArchitectureKey = "isotope.architecture";
    private const string InputKey = "isotope.input";
    private const int SmallestBatch = 16;
    private readonly Tensor scale;
    private readonly Tensor shift;

    private Network(Architecture architecture, ClassifierModule module, InputSpec input, string? sha256, Device? device)
    {
        (Architecture, Module, Input, Sha256) = (architecture.Name, module, input, sha256);
        module.to(device ?? CPU);
        ChannelsLast.Apply(module);
        using var scope = NewDisposeScope();
        var (scaleOnCpu, shiftOnCpu) = input.Normalisation();
        scale = scaleOnCpu.to(Device).DetachFromDisposeScope();
        shift = shiftOnCpu.to(Device).DetachFromDisposeScope();
    }

    /// <summary>Name in the <see cref="Catalogue"/>.</summary>
    public string Architecture { get; }

    /// <summary>The torch module: feature extractor and head.</summary>
    public ClassifierModule Module { get; }

    /// <summary>View size and normalisation.</summary>
    public InputSpec Input { get; }

    /// <summary>SHA-256 of the file it was loaded from; null for a new network.</summary>
    public string? Sha256 { get; }

    /// <summary>Dimension d of the features.</summary>
    public int FeatureDimension => (int)Weight.shape[1];

    /// <summary>Number of classes C.</summary>
    public int Classes => (int)Weight.shape[0];

    /// <summary>Weight W of the final linear layer, C × d. Not a copy.</summary>
    public Tensor Weight => Module.Head.weight!;

    /// <summary>Where the weights are and views have to be.</summary>
    public Device Device => Weight.device;

    /// <summary>A new network with random weights, in training mode.</summary>
    /// <exception cref="IsotopeException">Unknown architecture.</exception>
    public static Network Create(string architecture, int classes, int? inputSize = null, Device? device = null)
    {
        var found = Catalogue.Find(architecture);
        OptionCheck.Require(
            inputSize is null || (inputSize >= found.SmallestInput && inputSize <= 4096), "--input-size", $"{found.SmallestInput} to 4096 pixels", inputSize);
        var module = found.Build(classes, null);
        module.Initialise();
        return new Network(found, module, found.Input with { Size = inputSize ?? found.Input.Size }, sha256: null, device);
    }

    /// <summary>
    /// Loads a checkpoint, frozen. <paramref name="reference"/> is <c>ARCHITECTURE:FILE</c>, or <c>FILE</c> alone: then the
    /// architecture is what the file's metadata say, if Isotope wrote it, or else what its tensors' names and shapes fit.
    /// </summary>
    /// <exception cref="IsotopeException">Unreadable, of another architecture, or of unknown architecture.</exception>
    public static Network Load(string reference, Device? device = null)
    {
        var (named, path) = Split(reference);
        using var weights = Checkpoint.Load(path);
        weights.Rename(Catalogue.CurrentName);
        var (architecture, classes) = Identify(named ?? weights.Metadata.GetValueOrDefault(ArchitectureKey), weights.Shapes, path);
        var module = architecture.Build(classes, null);
        WeightLoader.Load(module, weights, path);
        var network = new Network(architecture, module, ReadInput(weights, path) ?? architecture.Input, Hashes.OfFile(path), device);
        network.Freeze();
        return network;
    }

    /// <summary>
    /// Features of views N × 3 × S × S in grey levels: N × d. Of a frozen network they are the same bits whatever the batch
    /// and the number of threads.
    /// </summary>
    public Tensor Features(Tensor views)
    {
        using var scope = NewDisposeScope();
        var count = views.shape[0];
        return Module.Features(Normalise(Fill(views))).narrow(0, 0, count).MoveToOuterDisposeScope();
    }

    /// <summary>The evaluation views (θ₀) of images C × H × W, of any sizes: N × 3 × S × S.</summary>
    public Tensor CentreViews(IReadOnlyList<Tensor> images) =>
        Views.Stack(images, i => Crop.Centre((int)images[i].shape[2], (int)images[i].shape[1], Input.CentreRatio), Input.Size);

    /// <summary>Features of the evaluation views of images C × H × W, of any sizes: N × d, without gradient.</summary>
    public Tensor CentreFeatures(IReadOnlyList<Tensor> images)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        return Features(CentreViews(images)).MoveToOuterDisposeScope();
    }

    /// <summary>Grey levels per normalised unit for images of C channels, C × 1 × 1; for grey images the channels' mean.</summary>
    public Tensor GreyLevelsPerUnit(long channels)
    {
        using var scope = NewDisposeScope();
        var perChannel = scale.reciprocal().view(3, 1, 1);
        return (channels == 1 ? perChannel.mean([0], keepdim: true) : perChannel).MoveToOuterDisposeScope();
    }

    /// <summary>Logits of views N × 3 × S × S in grey levels: N × classes.</summary>
    public Tensor Logits(Tensor views)
    {
        using var scope = NewDisposeScope();
        return Module.call(Normalise(views)).MoveToOuterDisposeScope();
    }

    /// <summary>Evaluation mode, weights constant: gradients flow to the pixels alone.</summary>
    public void Freeze()
    {
        Module.eval();
        foreach (var parameter in Module.parameters()) parameter.requires_grad_(false);
    }

    /// <summary>Saves as safetensors, with architecture and input in the metadata beside the caller's.</summary>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [ArchitectureKey] = Architecture,
            [InputKey] = JsonSerializer.Serialize(Input, NetworkJson.Default.InputSpec),
        };
        foreach (var (key, value) in metadata ?? new Dictionary<string, string>()) all.Add(key, value);
        Safetensors.Save(path, Module.state_dict(), all);
    }

    /// <summary>Releases the weights.</summary>
    public void Dispose()
    {
        Module.Dispose();
        scale.Dispose();
        shift.Dispose();
    }

    /// <summary>
    /// Fills up small batches with black: for them oneDNN chooses other kernels, by batch size and threads, with other
    /// rounding. From 16 images on it splits work between images alone.
    /// </summary>
    private Tensor Fill(Tensor views)
    {
        var missing = Module.training ? 0 : SmallestBatch - views.shape[0];
        return missing > 0 ? cat([views, zeros([missing, .. views.shape[1..]], device: views.device)]) : views;
    }

    private Tensor Normalise(Tensor views)
    {
        using var scope = NewDisposeScope();
        return ChannelsLast.Of(views * scale + shift).MoveToOuterDisposeScope();
    }

    private static (string? Architecture, string Path) Split(string reference)
    {
        var colon = reference.IndexOf(':');
        return colon > 0 && (Catalogue.Contains(reference[..colon]) || !File.Exists(reference))
            ? (reference[..colon], reference[(colon + 1)..])
            : (null, reference);
    }

    private static (Architecture Architecture, int Classes) Identify(string? name, IReadOnlyDictionary<string, long[]> shapes, string path)
    {
        if (name is null) return Catalogue.Recognise(shapes, path);
        var architecture = Catalogue.Find(name);
        return (architecture, architecture.ClassesIn(shapes) ?? throw new IsotopeException(
            $"{path}: expected the weights of a {name} with a matrix {architecture.HeadName}.weight, found none"));
    }

    private static InputSpec? ReadInput(StateDict weights, string path)
    {
        if (!weights.Metadata.TryGetValue(InputKey, out var json)) return null;
        try
        {
            var input = JsonSerializer.Deserialize(json, NetworkJson.Default.InputSpec);
            if (input is { Size: > 0 and <= 4096, CentreRatio: > 0 and <= 1, Mean.Count: 3, Std.Count: 3 } && input.Std.All(std => std > 0)) return input;
        }
        catch (JsonException)
        {
        }

        throw new IsotopeException($"{path}: expected a view size and normalisation in its metadata, found '{json}'");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(InputSpec))]
internal sealed partial class NetworkJson : JsonSerializerContext;
