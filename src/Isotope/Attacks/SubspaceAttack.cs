using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Attacks;

/// <summary>
/// An attacker who knows the method but not the key (Kerckhoffs; paper §6): marks move images of a class along one direction, so he looks
/// for directions in which the published images' features are unusual, and takes them out of his classifier. He works in the feature space
/// of his own network, which for a classifier retrained on the marking network's features is the marking network's.
/// </summary>
public static class SubspaceAttack
{
    private const int BatchSize = 128;
    private const double Ridge = 1e-3;

    /// <summary>
    /// With clean images of the same classes: Σ⁻¹(m − μ) for each class, m the published mean, μ the clean one, Σ the clean covariance
    /// within classes.
    /// </summary>
    /// <param name="network">The attacker's network.</param>
    /// <param name="published">The images that some are marked of.</param>
    /// <param name="clean">Images of the same classes that nobody marked.</param>
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
        var (suspect, vanilla) = (ClassFeatures(network, published, cancellation), ClassFeatures(network, clean, cancellation));
        var within = cat([.. vanilla.Select(features => features - features.mean([0]))]);
        var covariance = within.T.matmul(within).Over(within.shape[0]);
        var ridge = covariance.trace().Times(Ridge / covariance.shape[0]) * eye(covariance.shape[0], dtype: covariance.dtype);
        var shifts = stack(suspect.Zip(vanilla, (a, b) => a.mean([0]) - b.mean([0])));
        return Unit(linalg.solve(covariance.Plus(ridge), shifts.T).T).MoveToOuterDisposeScope();
    }

    /// <summary>With the published images alone: the principal direction of each class's features, or the next ones.</summary>
    /// <param name="network">The attacker's network.</param>
    /// <param name="published">The images that some are marked of.</param>
    /// <param name="index">0 for the direction of largest variance.</param>
    /// <param name="cancellation">Checked at every batch.</param>
    /// <returns>One unit direction for each class, C × d.</returns>
    /// <exception cref="IsotopeException">A class has no image.</exception>
    public static Tensor PrincipalDirections(TorchNetwork network, Dataset published, int index, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var d = network.FeatureDimension;
        OptionCheck.Require(index >= 0 && index < d, "principal direction", $"0 to {d - 1}", index);
        return stack(
                ClassFeatures(network, published, cancellation)
                    .Select(features =>
                    {
                        var within = features - features.mean([0]);
                        return linalg.eigh(within.T.matmul(within)).Item2.select(1, d - 1 - index);
                    })
            )
            .MoveToOuterDisposeScope();
    }

    /// <summary>Makes every row of the classifier orthogonal to its direction; the network is frozen afterwards.</summary>
    /// <param name="network">Whose final layer changes.</param>
    /// <param name="directions">Unit directions, C × d.</param>
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

    /// <summary>Features of the centre views by class, N × d each in double on the CPU.</summary>
    private static Tensor[] ClassFeatures(TorchNetwork network, Dataset dataset, CancellationToken cancellation)
    {
        dataset.RequireClasses(network.Classes);
        using var scope = NewDisposeScope();
        var features = new List<Tensor>();
        foreach (var batch in ImageLoader.Batches(dataset.Images, BatchSize, cancellation))
        {
            using var step = NewDisposeScope();
            features.Add(network.CentreFeatures(Views.ToTensors(batch.Pixels, network.Device)).cpu().to(float64).MoveToOuterDisposeScope());
        }

        var (all, labels) = (cat(features), tensor(dataset.Images.Select(image => (long)image.Label).ToArray()));
        return
        [
            .. dataset.ClassNames.Select(
                (name, label) =>
                {
                    var own = all[labels.Is(label)];
                    return own.shape[0] > 0
                        ? own.MoveToOuterDisposeScope()
                        : throw new IsotopeException($"{dataset.Root}: expected images of class {name}, found none");
                }
            ),
        ];
    }

    private static Tensor Unit(Tensor rows) => rows / rows.norm(dim: 1, keepdim: true);
}
