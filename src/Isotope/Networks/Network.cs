using Isotope.Datasets;
using Isotope.Networks.Architectures;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>
/// A classifier as the paper sees it: features φ(x) of dimension d, then a final linear layer W (C × d), b. It takes views in grey
/// levels 0…255 and normalises them itself. <see cref="Load"/> returns a frozen one: in evaluation mode, its parameters without gradients.
/// </summary>
public abstract class Network : IDisposable
{
    private static readonly Lock Initialising = new();
    private Tensor scale = null!;
    private Tensor shift = null!;

    /// <summary>Keeps what all networks have, and puts the normalisation on the device.</summary>
    private protected Network(string architecture, InputSpec input, string? sha256, Device device)
    {
        Architecture = architecture;
        Sha256 = sha256;
        Input = input;
        SetNormalisation(device);
    }

    /// <summary>Name in the <see cref="Catalogue"/>; <c>torchscript</c> or <c>onnx</c> for a file with its own.</summary>
    public string Architecture { get; }

    /// <summary>View size, crop, normalisation and order of channels.</summary>
    public InputSpec Input { get; private set; }

    /// <summary>
    /// Whether the normalisation is a guess by architecture or custom: neither the file nor its user stated one.
    /// </summary>
    public bool InputIsAssumed { get; private protected init; }

    /// <summary>SHA-256 of the file it was loaded from; null for a new network, or if its weights may have changed since.</summary>
    public string? Sha256 { get; private protected set; }

    /// <summary>Dimension d of the features.</summary>
    public int FeatureDimension => (int)Weight.shape[1];

    /// <summary>Number of classes C; 0 if the network has features, but no linear classifier.</summary>
    public int Classes => (int)Weight.shape[0];

    /// <summary>Weight W of the final linear layer, C × d. Not a copy.</summary>
    public abstract Tensor Weight { get; }

    /// <summary>Bias b of the final linear layer, C; null if it has none. Not a copy.</summary>
    public abstract Tensor? Bias { get; }

    /// <summary>Where the network runs: it takes views and returns features on this device.</summary>
    public Device Device => scale.device;

    /// <summary>A new network with random weights, in training mode.</summary>
    /// <param name="architecture">Name in the <see cref="Catalogue"/>.</param>
    /// <param name="classes">Number of classes C.</param>
    /// <param name="inputSize">Side of the square views, pixels. Default: the architecture's.</param>
    /// <param name="seed">Seed of the weights; torch draws them, so this seeds torch's generator for the whole process.</param>
    /// <param name="device">Where it runs. Default: the CPU.</param>
    /// <exception cref="IsotopeException">The architecture is unknown, or can't take views of this size.</exception>
    public static TorchNetwork Create(string architecture, int classes, int? inputSize = null, long seed = 0, Device? device = null)
    {
        var found = Catalogue.Find(architecture);
        OptionCheck.Require(
            inputSize is null || (inputSize >= found.SmallestInput && inputSize <= found.LargestInput),
            "--input-size",
            $"{found.SmallestInput} to {found.LargestInput} pixels",
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
    /// Loads a network and freezes it. A checkpoint is given as <c>ARCHITECTURE:FILE</c>, or as <c>FILE</c> alone: its architecture is
    /// then read from the metadata if Isotope wrote the file, or else recognised by the tensors' names and shapes. ONNX and TorchScript
    /// files are recognised by their content; <c>FILE#/OUTPUT</c> names the output that is their answer, <c>FILE#LAYER</c> the classifier
    /// of a TorchScript model. Where such a file has no linear classifier, <see cref="Classes"/> is 0 and its outputs are the features.
    /// </summary>
    /// <param name="reference">The file, as above.</param>
    /// <param name="device">Where it runs. Default: the CPU.</param>
    /// <param name="overrides">Input size and normalisation that replace those of the file or architecture.</param>
    /// <exception cref="IsotopeException">The file can't be read, or its architecture is unknown or another one.</exception>
    public static Network Load(string reference, Device? device = null, InputOverride? overrides = null)
    {
        overrides?.Validate();
        var parts = NetworkReference.Parse(reference);
        if (Directory.Exists(parts.Path))
            throw NetworkReference.IsFolder(parts.Path);
        return ForeignFile.TryLoad(parts, device ?? CPU, overrides) ?? TorchNetwork.Load(parts, device, overrides);
    }

    /// <summary>
    /// Whether <see cref="Load"/> would run a program from the file, as it does for TorchScript. A faulty program can end the process.
    /// </summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    public static bool IsProgram(string reference) => ForeignFile.IsScript(NetworkReference.Parse(reference).Path);

    /// <summary>Reads images another way from now on; the weights stay.</summary>
    internal void TakeInput(InputSpec input)
    {
        var device = Device;
        scale.Dispose();
        shift.Dispose();
        Input = input;
        SetNormalisation(device);
    }

    /// <summary>Features of views N × 3 × S × S in grey levels: N × d.</summary>
    public abstract Tensor Features(Tensor views);

    /// <summary>Logits of views N × 3 × S × S in grey levels: N × classes.</summary>
    public virtual Tensor Logits(Tensor views)
    {
        using var scope = NewDisposeScope();
        var features = Features(views);
        var logits = Weight.requires_grad ? nn.functional.linear(features, Weight, Bias) : LogitsByRow(features);
        return logits.MoveToOuterDisposeScope();
    }

    /// <summary>Row by row, since a product of matrices rounds differently by their number of rows on some processors.</summary>
    private Tensor LogitsByRow(Tensor features)
    {
        var weights = Weight.t().unsqueeze(0).expand(features.shape[0], -1, -1);
        var logits = features.unsqueeze(1).bmm(weights).squeeze(1);
        return Bias is { } bias ? logits.Plus(bias) : logits;
    }

    /// <summary>The evaluation views (θ₀) of images C × H × W of any sizes: N × 3 × S × S.</summary>
    public Tensor CentreViews(IReadOnlyList<Tensor> images) =>
        Views.Stack(images, i => Crop.Centre((int)images[i].shape[2], (int)images[i].shape[1], Input.CentreRatio), Input.Size);

    /// <summary>Features of the evaluation views of images C × H × W of any sizes: N × d, without gradients.</summary>
    public Tensor CentreFeatures(IReadOnlyList<Tensor> images)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        return cat([.. MemoryShortage.Halving(images, part => Features(CentreViews(part)))]).MoveToOuterDisposeScope();
    }

    /// <summary>Grey levels per normalised unit for images of C channels, C × 1 × 1; the channels' mean for grey images.</summary>
    public Tensor GreyLevelsPerUnit(long channels)
    {
        using var scope = NewDisposeScope();
        var perChannel = scale.reciprocal().view(3, 1, 1);
        return (channels == 1 ? perChannel.mean([0], keepdim: true) : perChannel).MoveToOuterDisposeScope();
    }

    /// <summary>Number of classes that the model itself tells apart. It may have these without a linear classifier.</summary>
    internal virtual int OutputClasses => Classes;

    /// <summary>How a file with its own architecture was read, for people; null if there was no choice.</summary>
    internal virtual string? Reading => null;

    /// <summary>
    /// What the model itself returns for views N × 3 × S × S in grey levels. Black-box tests use this and nothing else, so they need no
    /// linear classifier.
    /// </summary>
    internal virtual NetworkOutputs Outputs(Tensor views) => new(Logits(views), AreProbabilities: false);

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

    /// <summary>Views in grey levels, normalised as the network was trained.</summary>
    private protected Tensor Normalise(Tensor views)
    {
        using var scope = NewDisposeScope();
        return Input.Ordered((views * scale).Plus(shift)).MoveToOuterDisposeScope();
    }

    private void SetNormalisation(Device device)
    {
        using var scope = NewDisposeScope();
        var (scaleOnCpu, shiftOnCpu) = Input.Normalisation();
        scale = scaleOnCpu.to(device).DetachFromDisposeScope();
        shift = shiftOnCpu.to(device).DetachFromDisposeScope();
    }

    /// <summary>Views N × 3 × S × S, padded with zeros to at least <paramref name="count"/> of them.</summary>
    internal static Tensor Pad(Tensor views, long count)
    {
        var missing = count - views.shape[0];
        return missing <= 0 ? views : cat([views, zeros([missing, .. views.shape[1..]], device: views.device)]);
    }
}
