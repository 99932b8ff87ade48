using Isotope.Datasets;
using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Detection;

/// <summary>
/// The suspect's classifier expressed in the marking network's feature space: W·M (paper §3.4). It depends on the two
/// networks and on vanilla images, never on carriers, so that any number of keys can be tested against it.
/// </summary>
public sealed class AlignedClassifier : IDisposable
{
    private const int BatchSize = 128;

    /// <param name="rows">W·M, C × d in double; taken over.</param>
    /// <param name="labels">Class names.</param>
    /// <param name="images">Vanilla images of the fit.</param>
    /// <param name="rSquared">Share of the tested features' variance that M explains on them.</param>
    public AlignedClassifier(Tensor rows, IReadOnlyList<string> labels, int images, double rSquared) =>
        (Rows, Labels, Images, RSquared) = (rows.DetachFromDisposeScope(), labels, images, rSquared);

    /// <summary>W·M, C × d in double.</summary>
    public Tensor Rows { get; }

    /// <summary>Class names; numbers where the images have other classes than the classifier.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Vanilla images of the fit.</summary>
    public int Images { get; }

    /// <summary>Share of the tested features' variance over these images that M explains.</summary>
    public double RSquared { get; }

    /// <summary>Fits M on vanilla images and applies it.</summary>
    /// <exception cref="IsotopeException">Fewer images than dimensions, an unreadable image, or features that are not finite.</exception>
    public static AlignedClassifier Compute(
        Network marking, Network tested, ImageFolder images, IProgress<StageProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var alignment = new LeastSquaresAlignment(marking.FeatureDimension, tested.FeatureDimension);
        foreach (var batch in ImageLoader.Batches(images.Images, BatchSize, cancellation))
        {
            using var step = NewDisposeScope();
            Tensor[] pixels = [.. batch.Pixels.Select(image => Views.ToTensor(image).to(marking.Device))];
            alignment.Add(marking.CentreFeatures(pixels), tested.CentreFeatures(pixels));
            progress?.Report(new StageProgress("aligning", alignment.Images, images.Images.Count));
        }

        var map = alignment.Solve();
        var rows = tested.Weight.detach().cpu().to(float64).matmul(map);
        var labels = images.ClassNames.Count == tested.Classes ? images.ClassNames : [.. Enumerable.Range(0, tested.Classes).Select(i => $"{i}")];
        return new AlignedClassifier(rows, labels, alignment.Images, alignment.RSquared(map));
    }

    /// <summary>Releases the rows.</summary>
    public void Dispose() => Rows.Dispose();
}
