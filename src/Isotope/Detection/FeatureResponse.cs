using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Detection;

/// <summary>
/// How a model's class scores respond when pixels move φ₀'s features. The direction vᵢ of class i is the one in φ₀'s space that raises its
/// score most. Marking changes pixels so that φ₀'s features move along the carrier uᵢ; a model trained on such pixels raises its score of
/// class i for them, so vᵢ turns towards uᵢ. An alignment of features on natural images (paper §3.4) hardly sees this, since the mark is
/// not natural variation.
/// </summary>
/// <remarks>
/// A probe consists of a vanilla image x, a random unit direction z of φ₀'s space, and the pixel change δ, of fixed root mean square, that
/// moves φ₀'s features most along z. V is the least-squares map from z to the differences of scores s(x + δ) − s(x − δ), where scores are
/// logits minus their mean. V depends on models, vanilla images and directions, none of which depends on the key, so the null distribution
/// of the cosine stays exact. Only the model's outputs are used, so this also works for models without gradients.
/// </remarks>
internal static class FeatureResponse
{
    /// <summary>
    /// Default number of probes. In 64 dimensions the z-score of a marked model was 3.2 to 5.2 with 3,000 probes, depending on their draw,
    /// and 5.5 with 18,000 (one model).
    /// </summary>
    public const int DefaultProbes = 20_000;
    private const int BatchSize = 64;

    /// <summary>More probes of one image add little.</summary>
    private const int MostPerImage = 20;

    /// <summary>
    /// Root mean square of δ in grey levels, about the size of a mark at 42 dB. From 0.5 to 4 the result is nearly the same.
    /// </summary>
    private const double Step = 2;

    /// <summary>Keeps the division by a vanishing gradient finite.</summary>
    private const double Tiny = 1e-30;

    /// <summary>
    /// Subtracts the mean directions of vanilla references from those of a suspect, which cancels what natural images explain.
    /// </summary>
    /// <param name="marking">Marking network φ₀, with gradients.</param>
    /// <param name="tested">Suspect model.</param>
    /// <param name="references">Models that never saw the marks: the owner's own, trained on the vanilla images, or φ₀ itself. Several are
    /// averaged.</param>
    /// <param name="images">Vanilla images; their labels are not used.</param>
    /// <param name="probes">Number of probes, spread evenly over the images; at most 20 per image are made.</param>
    /// <param name="progress">Probes done.</param>
    /// <param name="cancellation">Checked at every image, and at every round of probes of a batch.</param>
    /// <returns>One direction per class in φ₀'s space: C vectors of dimension d.</returns>
    /// <exception cref="IsotopeException">The models have different numbers of classes, scores do not respond, or a reference is the
    /// suspect.</exception>
    public static IReadOnlyList<double[]> Residual(
        Network marking,
        Network tested,
        IReadOnlyList<Network> references,
        Dataset images,
        int probes = DefaultProbes,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        RequireProbes(probes);
        if (references.FirstOrDefault(reference => reference.Classes != tested.Classes) is { } other)
            throw new IsotopeException(
                $"--reference-network: expected {tested.Classes} classes, as many as the suspect model has, found {other.Classes}"
            );
        using var scope = NewDisposeScope();
        var responses = Responses(marking, [tested, .. references], images, probes, progress, cancellation);
        var suspect = responses[0];
        var expected = stack(responses[1..]).mean([0]);
        var residual = suspect - expected;
        if (!(residual.abs().max().item<double>() > 0))
            throw new IsotopeException("--reference-network: expected another model than the suspect, found one that answers alike");
        return AlignedClassifier.RowsOf(residual);
    }

    /// <exception cref="IsotopeException">There are no probes.</exception>
    internal static void RequireProbes(int probes) =>
        OptionCheck.Require(probes >= 1, "--probes", "at least 1", probes, nameof(WhiteBoxOptions.Probes));

    /// <summary>The unit directions of every class for each model, C × d in double on the CPU.</summary>
    private static Tensor[] Responses(
        Network marking,
        Network[] models,
        Dataset images,
        int probes,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        LeastSquaresAlignment[] maps = [.. models.Select(model => new LeastSquaresAlignment(marking.FeatureDimension, model.Classes))];
        try
        {
            var chosen = EvenlySpaced.Of(images.Images, probes);
            var rounds = Math.Min(MostPerImage, (probes + chosen.Count - 1) / chosen.Count);
            foreach (var batch in ImageLoader.Batches(chosen, BatchSize, cancellation))
            {
                using var step = NewDisposeScope();
                var pixels = Views.ToTensors(batch.Pixels, marking.Device);
                for (var round = 0; round < rounds; round++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var directions = RandomDirections(batch.Images, round, marking.FeatureDimension);
                    Probe(marking, models, maps, pixels, directions);
                    progress?.Report(new StageProgress("probing", maps[0].Images, (long)rounds * chosen.Count));
                }
            }

            return [.. maps.Select(map => UnitRows(map.Solve().Map))];
        }
        finally
        {
            foreach (var map in maps)
                map.Dispose();
        }
    }

    /// <summary>Moves each image both ways along its direction, and adds the difference of each model's scores to its map.</summary>
    private static void Probe(Network marking, Network[] models, LeastSquaresAlignment[] maps, Tensor[] pixels, Tensor directions)
    {
        using var scope = NewDisposeScope();
        var moves = Moves(marking, pixels, directions.to(marking.Device));
        using var noGradient = no_grad();
        foreach (var (model, map) in models.Zip(maps))
        {
            var forwards = Scores(model, pixels, moves, Step);
            var backwards = Scores(model, pixels, moves, -Step);
            map.Add(directions, forwards - backwards);
        }
    }

    /// <summary>
    /// A random unit direction for each image, N × d. It depends on the image's name and the round only, not on dataset, batch or order.
    /// </summary>
    private static Tensor RandomDirections(IReadOnlyList<LabelledImage> images, int round, int dimension)
    {
        var values = new float[images.Count * dimension];
        for (var i = 0; i < images.Count; i++)
            new RandomStream(seed: 0, $"probe {round} {images[i].Id}").FillDirection(values.AsSpan(i * dimension, dimension));
        return tensor(values, [images.Count, dimension]);
    }

    /// <summary>Each image's gradient of φ₀(x)ᵀz in its pixels, scaled to root mean square 1; zero where it vanishes.</summary>
    private static Tensor[] Moves(Network marking, Tensor[] images, Tensor directions)
    {
        Tensor[] pixels = [.. images.Select(image => image.detach().requires_grad_(true))];
        var features = marking.Features(marking.CentreViews(pixels));
        var along = (features * directions).sum();
        return [.. autograd.grad([along], pixels).Select(Normalise)];

        static Tensor Normalise(Tensor gradient) => gradient / gradient.Squared().mean().sqrt().AtLeast(Tiny);
    }

    /// <summary>Logits minus their mean, N × C, of images moved by a step.</summary>
    private static Tensor Scores(Network model, Tensor[] images, Tensor[] moves, double step)
    {
        using var scope = NewDisposeScope();
        Tensor[] moved = [.. images.Zip(moves, (image, move) => image.Plus(move.Times(step)))];
        var logits = model.Logits(model.CentreViews(moved));
        return (logits - logits.mean([1], keepdim: true)).MoveToOuterDisposeScope();
    }

    private static Tensor UnitRows(Tensor rows)
    {
        var norms = rows.norm(dim: 1, keepdim: true);
        if (!norms.isfinite().all().item<bool>() || !norms.IsAbove(0).all().item<bool>())
            throw new IsotopeException(
                "tested and reference networks: expected scores that answer to the pixels in every class, found one that does not"
            );
        return rows / norms;
    }
}
