using Isotope.Networks.Architectures;
using Isotope.Networks.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>A network of the <see cref="Catalogue"/>: the one kind that can be trained and saved.</summary>
public sealed class TorchNetwork : Network
{
    private const int SmallestBatch = 16;

    internal TorchNetwork(Architecture architecture, ClassifierModule module, InputSpec input, Device? device)
        : base(architecture.Name, input, sha256: null, device ?? CPU)
    {
        Module = module;
        module.to(device ?? CPU);
        ChannelsLast.Apply(module);
    }

    /// <summary>The torch module: feature extractor and head.</summary>
    public ClassifierModule Module { get; }

    /// <inheritdoc/>
    public override Tensor Weight => Module.Head.weight!;

    /// <inheritdoc/>
    public override Tensor? Bias => Module.Head.bias;

    /// <summary>
    /// Features of views N × 3 × S × S in grey levels: N × d. Of a frozen network they are the same bits whatever the batch
    /// and the number of threads.
    /// </summary>
    public override Tensor Features(Tensor views)
    {
        using var scope = NewDisposeScope();
        var count = views.shape[0];
        return Module.Features(Normalise(Fill(views))).narrow(0, 0, count).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Evaluation mode, weights constant: gradients flow to the pixels alone, and norms are folded into convolutions. Whoever changes
    /// weights freezes them anew.
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

    /// <summary>Saves as safetensors, with architecture and input in the metadata beside the caller's.</summary>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var all = new SortedDictionary<string, string>(Description(), StringComparer.Ordinal);
        foreach (var (key, value) in metadata ?? new Dictionary<string, string>())
            all.Add(key, value);
        Safetensors.Save(path, Module.state_dict(), all);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Module.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>
    /// Fills up small batches with black: for them oneDNN chooses other kernels, by batch size and threads, with other
    /// rounding. From 16 images on it splits work between images alone.
    /// </summary>
    private Tensor Fill(Tensor views) => Module.training ? views : FillUp(views, SmallestBatch);
}
