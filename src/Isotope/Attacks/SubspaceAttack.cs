using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Attacks;

/// <summary>
/// An attacker who knows the method but not the key (Kerckhoffs; paper §6). Marks move the images of a class along one direction, so the
/// attacker looks for directions in which the features of the published images are unusual, and removes them from the classifier. The
/// feature space is that of the attacker's network; for a classifier retrained on the marking network's features, it is the marking
/// network's.
/// </summary>
internal static class SubspaceAttack
{
    private const int BatchSize = 128;
    private const double Ridge = 1e-3;

    /// <summary>
    /// Directions found with clean images of the same classes: Σ⁻¹(m − μ) for each class, where m is the mean of the published features, μ
    /// that of the clean ones, and Σ the clean within-class covariance.
    /// </summary>
    /// <param name="network">The attacker's network.</param>
    /// <param name="published">The published images, some of them marked.</param>
    /// <param name="clean">Unmarked images of the same classes.</param>
    /// <param name="cancellation">Checked at every batch.</param>
    /// <returns>One unit direction for each class, C × d.</returns>
    /// <exception cref="IsotopeException">A class has no image.</exception>
    public static Tensor DirectionsByDifference(
        TorchNetwork network,
        Dataset published,
        Dataset clean,
        CancellationToken cancellation = default
    )
    {
        using var scope = NewDisposeScope();
        var suspect = ClassFeatures(network, published, cancellation);
        var vanilla = ClassFeatures(network, clean, cancellation);
        var within = cat([.. vanilla.Select(Centred)]);
        var covariance = within.T.matmul(within).Over(within.shape[0]);
        var d = covariance.shape[0];
        var ridge = covariance.trace().Times(Ridge / d) * eye(d, dtype: covariance.dtype);
        var shifts = stack(suspect.Zip(vanilla, (a, b) => a.mean([0]) - b.mean([0])));
        return Unit(linalg.solve(covariance.Plus(ridge), shifts.T).T).MoveToOuterDisposeScope();
    }

    /// <summary>Directions found with the published images only: a principal direction of each class's features.</summary>
    /// <param name="network">The attacker's network.</param>
    /// <param name="published">The published images, some of them marked.</param>
    /// <param name="index">Which one, 0 to d − 1, in order of decreasing variance.</param>
    /// <param name="cancellation">Checked at every batch.</param>
    /// <returns>One unit direction for each class, C × d.</returns>
    /// <exception cref="IsotopeException">The index is out of range, or a class has no image.</exception>
    public static Tensor PrincipalDirections(TorchNetwork network, Dataset published, int index, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var d = network.FeatureDimension;
        OptionCheck.Require(index >= 0 && index < d, "principal direction", $"0 to {d - 1}", index);
        return stack(ClassFeatures(network, published, cancellation).Select(Direction)).MoveToOuterDisposeScope();

        Tensor Direction(Tensor features)
        {
            var within = Centred(features);
            var (_, vectors) = linalg.eigh(within.T.matmul(within)); // eigenvalues ascend
            return vectors.select(1, d - 1 - index);
        }
    }

    /// <summary>Makes every row of the classifier orthogonal to its direction; the network is frozen afterwards.</summary>
    /// <param name="network">The network whose final layer changes.</param>
    /// <param name="directions">Unit directions, one for each class, C × d.</param>
    public static void Remove(TorchNetwork network, Tensor directions)
    {
        using (NewDisposeScope())
        using (no_grad())
        {
            var along = directions.to(network.Weight.dtype, network.Device);
            network.Weight.sub_((network.Weight * along).sum(1, keepdim: true) * along);
        }

        network.Freeze();
    }

    /// <summary>Features of the centre views, for each class N × d, in double precision on the CPU.</summary>
    private static Tensor[] ClassFeatures(TorchNetwork network, Dataset dataset, CancellationToken cancellation)
    {
        dataset.RequireClasses(network.Classes);
        using var scope = NewDisposeScope();
        var features = new List<Tensor>();
        foreach (var batch in ImageLoader.Batches(dataset.Images, BatchSize, cancellation))
        {
            using var step = NewDisposeScope();
            var ofBatch = network.CentreFeatures(Views.ToTensors(batch.Pixels, network.Device));
            features.Add(ofBatch.cpu().to(float64).MoveToOuterDisposeScope());
        }

        var all = cat(features);
        var labels = tensor(dataset.Images.Select(image => (long)image.Label).ToArray());
        return [.. dataset.ClassNames.Select(OfClass)];

        Tensor OfClass(string name, int label)
        {
            var own = all[labels.Is(label)];
            if (own.shape[0] == 0)
                throw new IsotopeException($"{dataset.Root}: expected images of class {name}, found none");
            return own.MoveToOuterDisposeScope();
        }
    }

    private static Tensor Centred(Tensor features) => features - features.mean([0]);

    private static Tensor Unit(Tensor rows) => rows / rows.norm(dim: 1, keepdim: true);
}
