using System.Text.Json;
using System.Text.Json.Serialization;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Networks.Architectures;
using Isotope.Networks.Checkpoints;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>
/// A classifier seen as the paper sees it: features φ(x) of dimension d and a final linear layer W (C × d), b. It takes
/// views in grey levels 0…255 and normalises them itself. <see cref="Load"/> gives a frozen one: evaluation mode, no
/// parameter gradients.
/// </summary>
public abstract class Network : IDisposable
{
    private const string ArchitectureKey = "isotope.architecture";
    private const string InputKey = "isotope.input";
    private static readonly Lock Initialising = new();
    private readonly Tensor scale;
    private readonly Tensor shift;

    /// <summary>A network that takes these views, on this device.</summary>
    private protected Network(string architecture, InputSpec input, string? sha256, Device device)
    {
        (Architecture, Input, Sha256) = (architecture, input, sha256);
        using var scope = NewDisposeScope();
        var (scaleOnCpu, shiftOnCpu) = input.Normalisation();
        scale = scaleOnCpu.to(device).DetachFromDisposeScope();
        shift = shiftOnCpu.to(device).DetachFromDisposeScope();
    }

    /// <summary>Name in the <see cref="Catalogue"/>; <c>torchscript</c> or <c>onnx</c> for a file that brings its own.</summary>
    public string Architecture { get; }

    /// <summary>View size and normalisation.</summary>
    public InputSpec Input { get; }

    /// <summary>SHA-256 of the file it was loaded from; null for a new network, and for one whose weights may have changed since.</summary>
    public string? Sha256 { get; private protected set; }

    /// <summary>Dimension d of the features.</summary>
    public int FeatureDimension => (int)Weight.shape[1];

    /// <summary>Number of classes C.</summary>
    public int Classes => (int)Weight.shape[0];

    /// <summary>Weight W of the final linear layer, C × d. Not a copy.</summary>
    public abstract Tensor Weight { get; }

    /// <summary>Bias b of the final linear layer, C; null where it has none. Not a copy.</summary>
    public abstract Tensor? Bias { get; }

    /// <summary>Where views have to be, and features will be.</summary>
    public Device Device => scale.device;

    /// <summary>A new network with random weights, in training mode.</summary>
    /// <param name="architecture">Name in the <see cref="Catalogue"/>.</param>
    /// <param name="classes">Number of classes C.</param>
    /// <param name="inputSize">Side of its square views in pixels. Default: the architecture's.</param>
    /// <param name="seed">Of the weights, which torch draws: its generator of this process is seeded with it.</param>
    /// <param name="device">Where it will run. Default: the CPU.</param>
    /// <exception cref="IsotopeException">Unknown architecture, or views that it can't take.</exception>
    public static TorchNetwork Create(string architecture, int classes, int? inputSize = null, long seed = 0, Device? device = null)
    {
        var found = Catalogue.Find(architecture);
        OptionCheck.Require(
            inputSize is null || (inputSize >= found.SmallestInput && inputSize <= InputSpec.LargestSize),
            "--input-size",
            $"{found.SmallestInput} to {InputSpec.LargestSize} pixels",
            inputSize
        );
        lock (Initialising)
        {
            manual_seed(seed);
            var module = found.Build(classes, null);
            module.Initialise();
            return new TorchNetwork(found, module, found.Input with { Size = inputSize ?? found.Input.Size }, device);
        }
    }

    /// <summary>
    /// Loads a network, frozen. <paramref name="reference"/> is <c>ARCHITECTURE:FILE</c> for a checkpoint, or <c>FILE</c>
    /// alone: then the architecture is what the file's metadata say, if Isotope wrote it, or else what its tensors' names
    /// and shapes fit. ONNX and TorchScript models are told apart by their content; <c>FILE#LAYER</c> names the classifier
    /// of a TorchScript model.
    /// </summary>
    /// <param name="reference">Where it is.</param>
    /// <param name="device">Where it will run. Default: the CPU.</param>
    /// <param name="overrides">What it takes, where that differs from what the file or architecture says.</param>
    /// <exception cref="IsotopeException">Unreadable, of another architecture, or of unknown architecture.</exception>
    public static Network Load(string reference, Device? device = null, InputOverride? overrides = null)
    {
        overrides?.Validate();
        var parts = NetworkReference.Parse(reference);
        if (ForeignFile.TryLoad(parts, device ?? CPU, overrides) is { } foreign)
            return foreign;
        using var weights = Checkpoint.Load(parts.Path);
        return OfWeights(weights, parts.Architecture, parts.Path, Hashes.OfFile(parts.Path), device, overrides);
    }

    /// <summary>
    /// Whether <see cref="Load"/> would run a program that the file brings, as TorchScript is: one that is wrong can end the
    /// process.
    /// </summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    public static bool IsProgram(string reference) => ForeignFile.IsScript(NetworkReference.Parse(reference).Path);

    /// <summary>The frozen network of these weights, whose names become today's.</summary>
    /// <exception cref="IsotopeException">Of another architecture, or of an unknown one.</exception>
    internal static TorchNetwork OfWeights(
        StateDict weights,
        string? named,
        string path,
        string sha256,
        Device? device = null,
        InputOverride? overrides = null
    )
    {
        weights.Rename(Catalogue.CurrentName);
        var (architecture, classes) = Identify(named ?? weights.Metadata.GetValueOrDefault(ArchitectureKey), weights.Shapes, path);
        var module = WeightLoader.Build(architecture, classes, weights, path);
        var input = ReadInput(weights, path) ?? architecture.Input;
        var network = new TorchNetwork(architecture, module, overrides?.Apply(input) ?? input, device);
        network.Freeze();
        network.Sha256 = sha256;
        return network;
    }

    /// <summary>Features of views N × 3 × S × S in grey levels: N × d.</summary>
    public abstract Tensor Features(Tensor views);

    /// <summary>Logits of views N × 3 × S × S in grey levels: N × classes.</summary>
    public virtual Tensor Logits(Tensor views)
    {
        using var scope = NewDisposeScope();
        return nn.functional.linear(Features(views), Weight, Bias).MoveToOuterDisposeScope();
    }

    /// <summary>The evaluation views (θ₀) of images C × H × W, of any sizes: N × 3 × S × S.</summary>
    public Tensor CentreViews(IReadOnlyList<Tensor> images) =>
        Views.Stack(images, i => Crop.Centre((int)images[i].shape[2], (int)images[i].shape[1], Input.CentreRatio), Input.Size);

    /// <summary>Features of the evaluation views of images C × H × W, of any sizes: N × d, without gradient.</summary>
    public Tensor CentreFeatures(IReadOnlyList<Tensor> images)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        return cat([.. MemoryShortage.Halving(images, part => Features(CentreViews(part)))]).MoveToOuterDisposeScope();
    }

    /// <summary>Grey levels per normalised unit for images of C channels, C × 1 × 1; for grey images the channels' mean.</summary>
    public Tensor GreyLevelsPerUnit(long channels)
    {
        using var scope = NewDisposeScope();
        var perChannel = scale.reciprocal().view(3, 1, 1);
        return (channels == 1 ? perChannel.mean([0], keepdim: true) : perChannel).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the weights.</summary>
    protected virtual void Dispose(bool disposing)
    {
        scale.Dispose();
        shift.Dispose();
    }

    /// <summary>Views as the network was trained on them.</summary>
    private protected Tensor Normalise(Tensor views)
    {
        using var scope = NewDisposeScope();
        return (views * scale).Plus(shift).MoveToOuterDisposeScope();
    }

    /// <summary>Views N × 3 × S × S with zeros behind them, where they are fewer than <paramref name="count"/>.</summary>
    private protected static Tensor FillUp(Tensor views, long count) =>
        views.shape[0] >= count ? views : cat([views, zeros([count - views.shape[0], .. views.shape[1..]], device: views.device)]);

    /// <summary>What a saved network says of itself.</summary>
    private protected Dictionary<string, string> Description() =>
        new() { [ArchitectureKey] = Architecture, [InputKey] = JsonSerializer.Serialize(Input, NetworkJson.Default.InputSpec) };

    private static (Architecture Architecture, int Classes) Identify(string? name, IReadOnlyDictionary<string, long[]> shapes, string path)
    {
        if (name is null)
            return Catalogue.Recognise(shapes, path);
        var architecture = Catalogue.Find(name);
        return (
            architecture,
            architecture.ClassesIn(shapes)
                ?? throw new IsotopeException(
                    $"{path}: expected the weights of a {name} with a matrix {architecture.HeadName}.weight, found none"
                )
        );
    }

    private static InputSpec? ReadInput(StateDict weights, string path)
    {
        if (!weights.Metadata.TryGetValue(InputKey, out var json))
            return null;
        try
        {
            var input = JsonSerializer.Deserialize(json, NetworkJson.Default.InputSpec);
            if (
                input is { Size: > 0 and <= InputSpec.LargestSize, CentreRatio: > 0 and <= 1, Mean.Count: 3, Std.Count: 3 }
                && input.Std.All(std => std > 0)
            )
                return input;
        }
        catch (JsonException) { }

        throw new IsotopeException($"{path}: expected a view size and normalisation in its metadata, found '{json}'");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(InputSpec))]
internal sealed partial class NetworkJson : JsonSerializerContext;
