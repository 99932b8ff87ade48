using Isotope.Datasets;
using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Detection;

/// <summary>
/// Which way φ₀'s features move when an image's pixels climb a model's score of its class. Marking moves pixels so that φ₀'s features
/// go along the carrier uᵢ; a model trained on such pixels raises its score for them, so its response leans towards uᵢ. An alignment of
/// features on natural images (paper §3.4) hardly sees that: the mark is no natural variation.
/// </summary>
/// <remarks>
/// vᵢ = Σ φ₀(x + εg) − φ₀(x − εg) over vanilla images x of class i, where g is the gradient of ln p(i|x) in the pixels at a root mean
/// square of ε grey levels, less the mean over classes. It is made of the model, φ₀ and vanilla images alone, never of carriers: the
/// cosine's null stays exact.
/// </remarks>
public static class FeatureResponse
{
    private const int BatchSize = 64;

    /// <summary>ε, grey levels: about the size of a mark at 42 dB.</summary>
    private const double Step = 2;
    private const double Tiny = 1e-30;

    /// <summary>Directions of a suspect model, less those of a vanilla reference: what natural images explain cancels.</summary>
    /// <param name="marking">Marking network φ₀.</param>
    /// <param name="tested">Suspect model, with gradients.</param>
    /// <param name="reference">The owner's own model, trained on vanilla images.</param>
    /// <param name="images">Vanilla images of all classes.</param>
    /// <param name="progress">Images done.</param>
    /// <param name="cancellation">Checked at every image.</param>
    /// <returns>One direction per class in φ₀'s space, C vectors of dimension d.</returns>
    /// <exception cref="IsotopeException">Other classes than the images', no gradients, or no response.</exception>
    public static IReadOnlyList<double[]> Residual(
        Network marking, Network tested, Network reference, ImageFolder images, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        if (reference.Classes != tested.Classes)
            throw new IsotopeException($"--reference-network: expected {tested.Classes} classes, as many as the suspect model has, found {reference.Classes}");
        var suspect = UnitRows(Of(marking, tested, images, "suspect's response", progress, cancellation), "--tested-network");
        var vanilla = UnitRows(Of(marking, reference, images, "reference's response", progress, cancellation), "--reference-network");
        return AlignedClassifier.RowsOf(suspect - vanilla);
    }

    /// <summary>The response vᵢ of every class, C × d in double on the CPU.</summary>
    private static Tensor Of(
        Network marking, Network model, ImageFolder images, string stage, IProgress<StageProgress>? progress, CancellationToken cancellation)
    {
        images.RequireClasses(model.Classes);
        using var scope = NewDisposeScope();
        var sums = zeros([model.Classes, marking.FeatureDimension], float64);
        var done = 0;
        foreach (var batch in ImageLoader.Batches(images.Images, BatchSize, cancellation))
        {
            using var step = NewDisposeScope();
            var pixels = Views.ToTensors(batch.Pixels, marking.Device);
            var labels = tensor(batch.Images.Select(image => (long)image.Label).ToArray());
            var climb = Climb(model, pixels, labels.to(model.Device));
            var moved = marking.CentreFeatures(Move(pixels, climb, Step)) - marking.CentreFeatures(Move(pixels, climb, -Step));
            sums.index_add_(0, labels, moved.cpu().to(float64), alpha: 1);
            progress?.Report(new StageProgress(stage, done += pixels.Length, images.Images.Count));
        }

        return (sums - sums.mean([0], keepdim: true)).MoveToOuterDisposeScope();
    }

    /// <summary>Each image's gradient of ln p(class|x) in its pixels, at root mean square 1; zero where it vanishes.</summary>
    private static Tensor[] Climb(Network model, Tensor[] images, Tensor labels)
    {
        Tensor[] pixels = [.. images.Select(image => image.detach().requires_grad_(true))];
        var scores = nn.functional.log_softmax(model.Logits(model.CentreViews(pixels)), dim: 1).gather(1, labels.unsqueeze(1));
        return [.. autograd.grad([scores.sum()], pixels).Select(gradient => gradient / gradient.square().mean().sqrt().clamp_min(Tiny))];
    }

    private static Tensor[] Move(Tensor[] images, Tensor[] directions, double step) => [.. images.Select((image, i) => image + step * directions[i])];

    private static Tensor UnitRows(Tensor rows, string source)
    {
        var norms = rows.norm(dim: 1, keepdim: true);
        return norms.isfinite().all().item<bool>() && (norms > 0).all().item<bool>()
            ? rows / norms
            : throw new IsotopeException($"{source}: expected a score that responds to the pixels in every class, found one that does not");
    }
}
