using Isotope.Datasets;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Networks.BlackBoxes;

/// <summary>A network at hand, of which only outputs are looked at: softmax probabilities in double, or less if asked to.</summary>
public sealed class LocalBlackBox : BlackBox
{
    private const int MostImages = 256;
    private const int MostPixels = 1 << 24; // in a batch: 256 images of 256 × 256
    private readonly Network network;
    private readonly Access access;

    /// <summary>A black box around a network, which it owns.</summary>
    public LocalBlackBox(Network network, Access access)
        : base(network.Classes, access.Kind) => (this.network, this.access) = (network, access);

    /// <inheritdoc/>
    public override IReadOnlyList<Answer> Ask(
        IReadOnlyList<LabelledImage> images,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var noGradient = no_grad();
        var answers = new List<Answer>(images.Count);
        foreach (
            var batch in ImageLoader.Batches(
                images,
                Math.Clamp(MostPixels / (network.Input.Size * network.Input.Size), 1, MostImages),
                cancellation
            )
        )
        {
            answers.AddRange(
                Probabilities(batch.Pixels).Zip(batch.Images, (probabilities, image) => access.Of(probabilities, image.Label))
            );
            Queries += batch.Images.Count;
            progress?.Report(new StageProgress("asking", answers.Count, images.Count));
        }

        return answers;
    }

    private double[][] Probabilities(IReadOnlyList<PixelImage> images)
    {
        using var scope = NewDisposeScope();
        var logits = network.Logits(network.CentreViews(Views.ToTensors(images, network.Device)));
        if (!logits.isfinite().all().item<bool>())
            throw new IsotopeException(
                "tested network: expected finite outputs, found others; the checkpoint is damaged or the normalisation wrong"
            );
        return [.. nn.functional.softmax(logits.cpu().to(float64), dim: 1).unbind().Select(row => row.data<double>().ToArray())];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        network.Dispose();
        base.Dispose(disposing);
    }
}
