using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Statistics;

namespace Isotope.Detection;

/// <summary>
/// The white-box test of paper §3.4: are the rows of the tested classifier, expressed in the marking network's feature
/// space, closer to the carriers than random directions? The p-value is exact if the carriers were drawn independently of
/// the tested model and of the images: radioactive images are therefore refused.
/// </summary>
public static class WhiteBoxTest
{
    /// <summary>Aligns the feature spaces on vanilla images and tests every class.</summary>
    /// <param name="key">The carriers.</param>
    /// <param name="marking">Marking network φ₀.</param>
    /// <param name="tested">Suspect model φₜ, W.</param>
    /// <param name="images">Vanilla images, none of them used to train the suspect model if possible.</param>
    /// <param name="manifest">What was marked; null where it is not at hand.</param>
    /// <param name="progress">Images done.</param>
    /// <param name="cancellation">Checked at every image.</param>
    /// <exception cref="IsotopeException">Key and networks do not fit, an image is marked, or there are too few.</exception>
    public static DetectionResult Run(
        CarrierKey key,
        Network marking,
        Network tested,
        ImageFolder images,
        Manifest? manifest = null,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        CheckFit(key, marking, tested);
        if (manifest is not null && !manifest.IsOfKey(key.Commitment))
            throw new IsotopeException("--manifest: expected the manifest of what this key has marked, found another key's");
        if (manifest is not null) VanillaGuard.Check(images, manifest, cancellation);
        var aligned = AlignedClassifier.Compute(marking, tested, images, progress, cancellation);
        return Test(key, aligned, manifestChecked: manifest is not null);
    }

    /// <summary>Tests a classifier that is in the marking network's space already.</summary>
    /// <param name="key">The carriers.</param>
    /// <param name="aligned">W·M.</param>
    /// <param name="manifestChecked">Recorded in the result.</param>
    /// <exception cref="IsotopeException">A row has no direction.</exception>
    public static DetectionResult Test(CarrierKey key, AlignedClassifier aligned, bool manifestChecked)
    {
        ClassResult[] classes = [.. aligned.Labels.Select((label, i) => OfClass(label, Cosine(aligned.Rows[i], key.Carrier(i)), key.Dimension))];
        return new DetectionResult(
            Fisher.Combine([.. classes.Select(c => c.PValue)]), "fisher", classes, new AlignmentResult(aligned.Images, aligned.RSquared, manifestChecked));
    }

    private static double Cosine(ReadOnlySpan<double> row, ReadOnlySpan<float> carrier)
    {
        var (product, rowSquares, carrierSquares) = (0.0, 0.0, 0.0);
        for (var i = 0; i < row.Length; i++)
        {
            product += row[i] * carrier[i];
            rowSquares += row[i] * row[i];
            carrierSquares += (double)carrier[i] * carrier[i];
        }

        return product / Math.Sqrt(rowSquares * carrierSquares);
    }

    private static ClassResult OfClass(string label, double cosine, int dimension) =>
        double.IsFinite(cosine)
            ? new ClassResult(label, cosine, CosineTest.PValueOf(cosine, dimension))
            : throw new IsotopeException($"tested network: expected a classifier row with a direction for class {label}, found none (zero or not finite)");

    private static void CheckFit(CarrierKey key, Network marking, Network tested)
    {
        if (marking.FeatureDimension != key.Dimension)
            throw new IsotopeException($"--key: expected dimension {marking.FeatureDimension} of the marking network's features, found {key.Dimension}");
        if (tested.Classes != key.Classes)
            throw new IsotopeException($"--tested-network: expected {key.Classes} classes, as many as the key has carriers, found {tested.Classes}");
    }
}
