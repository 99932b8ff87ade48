using Isotope.Datasets;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Networks.BlackBoxes;

/// <summary>
/// A network used as a black box: it returns probabilities in double, or less on request. They are the network's own, divided by their
/// sum, or the softmax of its logits. Nothing else of it is looked at.
/// </summary>
public sealed class LocalBlackBox : BlackBox
{
    private const int MostImages = 256;
    private const int MostPixels = 1 << 24; // per batch: 256 images of 256 × 256
    private readonly Access access;

    /// <summary>A black box around a network, which it owns.</summary>
    public LocalBlackBox(Network network, Access access)
        : base(network.OutputClasses, access.Kind)
    {
        Network = network;
        this.access = access;
    }

    /// <summary>The network.</summary>
    internal Network Network { get; }

    /// <summary>Like <see cref="Ask"/>, but the images do not count as queries: they only say what its outputs stand for.</summary>
    internal IReadOnlyList<Answer> Look(
        IReadOnlyList<LabelledImage> images,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        var counted = Queries;
        var answers = Ask(images, progress, cancellation);
        Queries = counted;
        return answers;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Answer> Ask(
        IReadOnlyList<LabelledImage> images,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var noGradient = no_grad();
        var answers = new List<Answer>(images.Count);
        var batchSize = Math.Clamp(MostPixels / (Network.Input.Size * Network.Input.Size), 1, MostImages);
        foreach (var batch in ImageLoader.Batches(images, batchSize, cancellation))
        {
            var probabilities = Probabilities(batch.Pixels);
            answers.AddRange(probabilities.Zip(batch.Images, (ofImage, image) => access.Of(ofImage, image.Label)));
            Queries += batch.Images.Count;
            progress?.Report(new StageProgress("asking", answers.Count, images.Count));
        }

        return answers;
    }

    private double[][] Probabilities(IReadOnlyList<PixelImage> images)
    {
        using var scope = NewDisposeScope();
        var outputs = Network.Outputs(Network.CentreViews(Views.ToTensors(images, Network.Device)));
        var values = outputs.Values.cpu().to(float64);
        var probabilities = outputs.AreProbabilities ? values / values.sum(1, keepdim: true) : nn.functional.softmax(values, dim: 1);
        if (!probabilities.isfinite().all().item<bool>())
            throw new IsotopeException(
                "tested network: expected finite outputs, found others; the checkpoint is damaged or the normalisation wrong"
            );
        return [.. probabilities.unbind().Select(row => row.data<double>().ToArray())];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Network.Dispose();
        base.Dispose(disposing);
    }
}
