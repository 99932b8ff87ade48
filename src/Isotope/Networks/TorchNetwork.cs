using System.Text.Json;
using System.Text.Json.Serialization;
using Isotope.Files;
using Isotope.Networks.Architectures;
using Isotope.Networks.Checkpoints;
using Isotope.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>A network of the <see cref="Catalogue"/>: the only kind that can be trained and saved.</summary>
public sealed class TorchNetwork : Network
{
    private const int SmallestBatch = 16;
    private const string ArchitectureKey = "isotope.architecture";
    private const string InputKey = "isotope.input";
    private Tensor? noClasses;

    internal TorchNetwork(Architecture architecture, ClassifierModule module, InputSpec input, Device? device, bool isHeadless = false)
        : base(architecture.Name, input, sha256: null, device ?? CPU)
    {
        Module = module;
        module.to(device ?? CPU);
        ChannelsLast.Apply(module);
        if (isHeadless)
            noClasses = module.Head.weight!.detach().narrow(0, 0, 0).DetachFromDisposeScope();
    }

    /// <summary>The torch module: feature extractor and final linear layer.</summary>
    internal ClassifierModule Module { get; }

    /// <summary>As <see cref="NetworkDescription.LeftOpen"/>; nothing if user or file named the architecture.</summary>
    internal IReadOnlyList<string> LeftOpen { get; private init; } = [];

    /// <inheritdoc/>
    public override Tensor Weight => noClasses ?? Module.Head.weight!;

    /// <inheritdoc/>
    public override Tensor? Bias => noClasses is null ? Module.Head.bias : null;

    /// <summary>Where the weights were found, and tensors of the file that the network has no place for.</summary>
    internal WeightsFound Found { get; private init; } = new("", []);

    /// <summary>Loads a checkpoint and freezes its network.</summary>
    /// <exception cref="IsotopeException">The file can't be read, or its architecture is unknown or another one.</exception>
    internal static TorchNetwork Load(NetworkReference reference, Device? device, InputOverride? overrides)
    {
        using var weights = Checkpoint.Load(reference.Path, reference.Layer);
        return Of(weights, reference, Hashes.OfFile(reference.Path), device, overrides);
    }

    /// <summary>The frozen network with these weights, whose tensors may have other libraries' names.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="reference">Where they come from, and perhaps their architecture.</param>
    /// <param name="sha256">Hash of the file.</param>
    /// <param name="device">Where it runs. Default: the CPU.</param>
    /// <param name="overrides">Input size and normalisation that replace those of the file or architecture.</param>
    /// <exception cref="IsotopeException">The architecture is unknown or another one.</exception>
    internal static TorchNetwork Of(
        StateDict weights,
        NetworkReference reference,
        string sha256,
        Device? device = null,
        InputOverride? overrides = null
    )
    {
        var fit = OfLayers(Identify(weights, reference), weights.Layers, reference);
        if (fit.Classes == 1)
            throw new IsotopeException(
                $"{reference.Path}: expected a classifier of at least two classes, found one output; docs/export.md says how to make two "
                    + "of a binary classifier's"
            );
        var leftOver = WeightLoader.LeftOver(fit, weights);
        Leftovers.RequireHarmless(fit, weights, leftOver, reference.Path);
        var stated = ReadInput(weights, reference.Path) ?? Normaliser.Of(weights, leftOver, reference.Path)?.Apply(fit.Input);
        var input = stated ?? fit.Input;
        input = overrides?.Apply(input) ?? input;
        RequireSize(fit.Architecture, input.Size, reference.Path);
        var module = WeightLoader.Build(fit, weights, reference.Path);
        var network = new TorchNetwork(fit.Architecture, module, input, device, fit.IsHeadless)
        {
            Found = new WeightsFound($"{weights.Place} {fit.Prefix}".Trim(), leftOver),
            InputIsAssumed = stated is null && overrides?.Mean is null,
            LeftOpen = LeftOpenBy(fit.Architecture, weights, reference),
        };
        network.Freeze();
        network.Sha256 = sha256;
        return network;
    }

    /// <summary>
    /// Features of views N × 3 × S × S in grey levels: N × d. A frozen network returns the same bits whatever the batch size and the
    /// number of threads.
    /// </summary>
    public override Tensor Features(Tensor views)
    {
        using var scope = NewDisposeScope();
        // Below 16 images, oneDNN picks its kernels, and so the rounding, by batch size and threads; from there on it only splits images.
        var batch = Module.training ? views : Pad(views, SmallestBatch);
        var features = Module.training || !Module.RoundsByBatch ? Module.Features(Normalise(batch)) : FeaturesByGroup(batch);
        return features.narrow(0, 0, views.shape[0]).MoveToOuterDisposeScope();
    }

    /// <summary>The same, in groups of one size.</summary>
    private Tensor FeaturesByGroup(Tensor views) =>
        cat([.. views.split(SmallestBatch).Select(group => Module.Features(Normalise(Pad(group, SmallestBatch))))]);

    /// <summary>
    /// Switches to evaluation mode with constant weights: gradients flow to the pixels only, and norms are folded into convolutions. Call
    /// it again after changing weights.
    /// </summary>
    public void Freeze()
    {
        Sha256 = null;
        Module.eval();
        foreach (var parameter in Module.parameters())
            parameter.requires_grad_(false);
        foreach (var convolution in Module.modules().OfType<NormedConvolution>())
            convolution.Fold();
    }

    /// <summary>
    /// Replaces the final linear layer by a new one, for another number of classes, with weights drawn as PyTorch draws them.
    /// </summary>
    /// <param name="classes">Number of classes.</param>
    /// <param name="seed">Seed of the weights.</param>
    internal void ReplaceClassifier(int classes, long seed)
    {
        Sha256 = null;
        var head = Module.Head;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var bound = 1 / Math.Sqrt(FeatureDimension);
        var random = new RandomStream(seed, "classifier");
        head.weight!.set_(Drawn(classes, FeatureDimension).view(classes, FeatureDimension));
        head.bias?.set_(Drawn(classes, 1));
        noClasses?.Dispose();
        noClasses = null;

        Tensor Drawn(int rows, int columns) =>
            tensor(Enumerable.Range(0, rows * columns).Select(_ => (float)random.NextDouble(-bound, bound)).ToArray()).to(Device);
    }

    /// <summary>Saves as safetensors; architecture and input are added to the caller's metadata.</summary>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [ArchitectureKey] = Architecture,
            [InputKey] = JsonSerializer.Serialize(Input, NetworkJson.Default.InputSpec),
        };
        foreach (var (key, value) in metadata ?? new Dictionary<string, string>())
            all.Add(key, value);
        var head = $"{Catalogue.Find(Architecture).HeadName}.";
        var weights = Module.state_dict().Where(tensor => noClasses is null || !tensor.Key.StartsWith(head, StringComparison.Ordinal));
        Safetensors.Save(path, weights, all);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        noClasses?.Dispose();
        Module.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Its architecture by its user or, if Isotope wrote it, by the file.</summary>
    private static string? NameOf(StateDict weights, NetworkReference reference) =>
        reference.Architecture ?? weights.Metadata.GetValueOrDefault(ArchitectureKey);

    /// <summary>A whole model's layers tell more than tensors alone.</summary>
    private static IReadOnlyList<string> LeftOpenBy(Architecture architecture, StateDict weights, NetworkReference reference)
    {
        if (weights.Layers.Count > 0)
            return [.. UnusualLayer.Unknown(weights.Layers)];
        return NameOf(weights, reference) is null ? Catalogue.LeftOpen(architecture) : [];
    }

    private static Fit Identify(StateDict weights, NetworkReference reference)
    {
        var name = NameOf(weights, reference);
        try
        {
            var fits = name is null ? Catalogue.Recognise(weights.Shapes, reference.Path) : Fit.Of(weights.Shapes, [Catalogue.Find(name)]);
            return OnlyOne(fits, weights, reference.Path);
        }
        catch (IsotopeException e) when (weights.NotRead is [var (tensor, kind), ..])
        {
            throw new IsotopeException($"{e.Message}; {tensor} is stored as {kind}, which is not read: save the model in float", e);
        }
    }

    /// <summary>
    /// The fit itself for a state dict. The layers of a whole model tell which of several architectures with the same tensors it is.
    /// </summary>
    /// <exception cref="IsotopeException">A layer computes something else than those do.</exception>
    private static Fit OfLayers(Fit fit, IReadOnlyList<StoredLayer> layers, NetworkReference reference)
    {
        if (layers.Count == 0)
            return fit;
        IEnumerable<Architecture> twins = reference.Architecture is null ? Catalogue.TwinsOf(fit.Architecture) : [];
        string? first = null;
        foreach (var architecture in twins.Prepend(fit.Architecture))
        {
            using var scope = NewDisposeScope();
            using var unusual = new UnusualLayer(fit, architecture);
            if (unusual.FirstOf(layers) is not { } why)
                return fit with { Architecture = architecture };
            first ??= why;
        }

        throw new IsotopeException(
            $"{reference.Path}: expected an ordinary {fit.Architecture.Name}, found {first}; "
                + "export the model to ONNX or TorchScript (docs/export.md)"
        );
    }

    /// <summary>Several prefixes may hold the same network; where they hold others, its user has to choose.</summary>
    private static Fit OnlyOne(IReadOnlyList<Fit> fits, StateDict weights, string path)
    {
        if (fits.Skip(1).All(other => WeightLoader.AreSame(fits[0], other, weights)))
            return fits[0];
        var prefixes = fits.Select(fit => $"#{fit.Prefix.TrimEnd('.')}");
        throw new IsotopeException(
            $"{path}: expected one network, or FILE#PREFIX to choose one, found several that differ: {string.Join(", ", prefixes)}"
        );
    }

    private static void RequireSize(Architecture architecture, int size, string path)
    {
        var (smallest, largest) = (architecture.SmallestInput, architecture.LargestInput);
        if (size >= smallest && size <= largest)
            return;
        var expected = smallest == largest ? $"of {smallest} pixels" : $"of at least {smallest} pixels";
        throw new IsotopeException($"{path}: expected views {expected} for a {architecture.Name}, found {size}");
    }

    private static InputSpec? ReadInput(StateDict weights, string path)
    {
        if (!weights.Metadata.TryGetValue(InputKey, out var json))
            return null;
        try
        {
            if (JsonSerializer.Deserialize(json, NetworkJson.Default.InputSpec) is { } input && input.IsValid())
                return input;
        }
        catch (JsonException) { }

        throw new IsotopeException($"{path}: expected a view size and normalisation in its metadata, found '{json}'");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(InputSpec))]
internal sealed partial class NetworkJson : JsonSerializerContext;
