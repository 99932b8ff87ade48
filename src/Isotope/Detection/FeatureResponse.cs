using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Detection;

/// <summary>
/// How a model's class scores answer when pixels move φ₀'s features: class i's direction vᵢ is that of φ₀'s space which raises its
/// score most. Marking moves pixels so that φ₀'s features go along the carrier uᵢ; a model trained on such pixels raises its score of
/// class i for them, so vᵢ leans towards uᵢ. An alignment of features on natural images (paper §3.4) hardly sees that: the mark is no
/// natural variation.
/// </summary>
/// <remarks>
/// A probe is a vanilla image x, a random unit direction z of φ₀'s space, and the pixels δ, of fixed root mean square, that move φ₀'s
/// features along z most. V is the least-squares map from z to the scores' differences s(x + δ) − s(x − δ), scores being logits less
/// their mean. It is made of models, vanilla images and directions that have nothing to do with the key: the cosine's null stays
/// exact. Only outputs of the model are asked for, so that it works for models without gradients too.
/// </remarks>
public static class FeatureResponse
{
    /// <summary>
    /// Probes unless told otherwise: in 64 dimensions the z-score of a marked model was 3.2 to 5.2 with 3,000 of them, by their draw, and
    /// 5.5 with 18,000 (one model).
    /// </summary>
    public const int DefaultProbes = 20_000;
    private const int BatchSize = 64;

    /// <summary>More probes of an image than this tell little new.</summary>
    private const int MostPerImage = 20;

    /// <summary>
    /// Root mean square of δ, grey levels: about the size of a mark at 42 dB. From 0.5 to 4 the result is nearly the same.
    /// </summary>
    private const double Step = 2;
    private const double Tiny = 1e-30;

    /// <summary>Directions of a suspect model less those of vanilla references: what natural images explain cancels.</summary>
    /// <param name="marking">Marking network φ₀, with gradients.</param>
    /// <param name="tested">Suspect model.</param>
    /// <param name="references">Models that never saw the marks: the owner's own, trained on the vanilla images, or φ₀ itself. Several are
    /// averaged.</param>
    /// <param name="images">Vanilla images; their labels play no part.</param>
    /// <param name="probes">How many probes, spread evenly over the images; at most 20 an image are made.</param>
    /// <param name="progress">Probes done.</param>
    /// <param name="cancellation">Checked at every image, and at every round of probes of a batch.</param>
    /// <returns>One direction per class in φ₀'s space, C vectors of dimension d.</returns>
    /// <exception cref="IsotopeException">Models of other numbers of classes, scores that do not answer, or a reference that is the
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
        var responses = Of(marking, [tested, .. references], images, probes, progress, cancellation);
        var residual = responses[0] - stack(responses[1..]).mean([0]);
        return residual.abs().max().item<double>() > 0
            ? AlignedClassifier.RowsOf(residual)
            : throw new IsotopeException("--reference-network: expected another model than the suspect, found one that answers alike");
    }

    /// <exception cref="IsotopeException">There is none.</exception>
    internal static void RequireProbes(int probes) => OptionCheck.Require(probes >= 1, "--probes", "at least 1", probes);

    /// <summary>The unit directions of every class for each of the models, C × d in double on the CPU.</summary>
    private static Tensor[] Of(
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
            var chosen = Spread(images.Images, probes);
            var rounds = Math.Min(MostPerImage, (probes + chosen.Count - 1) / chosen.Count);
            foreach (var batch in ImageLoader.Batches(chosen, BatchSize, cancellation))
            {
                using var step = NewDisposeScope();
                var pixels = Views.ToTensors(batch.Pixels, marking.Device);
                for (var round = 0; round < rounds; round++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    Probe(marking, models, maps, pixels, Directions(batch.Images, round, marking.FeatureDimension));
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

    private static void Probe(Network marking, Network[] models, LeastSquaresAlignment[] maps, Tensor[] pixels, Tensor directions)
    {
        using var scope = NewDisposeScope();
        var moves = Moves(marking, pixels, directions.to(marking.Device));
        using var noGradient = no_grad();
        foreach (var (model, map) in models.Zip(maps))
            map.Add(directions, Scores(model, pixels, moves, Step) - Scores(model, pixels, moves, -Step));
    }

    /// <summary>A random unit direction for each image, N × d: the same for an image and round in any dataset, batch and order.</summary>
    private static Tensor Directions(IReadOnlyList<LabelledImage> images, int round, int dimension)
    {
        var values = new float[images.Count * dimension];
        for (var i = 0; i < images.Count; i++)
            new RandomStream(seed: 0, $"probe {round} {images[i].Id}").FillDirection(values.AsSpan(i * dimension, dimension));
        return tensor(values, [images.Count, dimension]);
    }

    /// <summary>Each image's gradient of φ₀(x)ᵀz in its pixels, at root mean square 1; zero where it vanishes.</summary>
    private static Tensor[] Moves(Network marking, Tensor[] images, Tensor directions)
    {
        Tensor[] pixels = [.. images.Select(image => image.detach().requires_grad_(true))];
        var along = (marking.Features(marking.CentreViews(pixels)) * directions).sum();
        return [.. autograd.grad([along], pixels).Select(gradient => gradient / gradient.Squared().mean().sqrt().AtLeast(Tiny))];
    }

    /// <summary>Logits less their mean, N × C, of images moved by a step.</summary>
    private static Tensor Scores(Network model, Tensor[] images, Tensor[] moves, double step)
    {
        using var scope = NewDisposeScope();
        var logits = model.Logits(model.CentreViews([.. images.Select((image, i) => image.Plus(moves[i].Times(step)))]));
        return (logits - logits.mean([1], keepdim: true)).MoveToOuterDisposeScope();
    }

    private static IReadOnlyList<LabelledImage> Spread(IReadOnlyList<LabelledImage> images, int probes) =>
        images.Count <= probes ? images : [.. Enumerable.Range(0, probes).Select(i => images[(int)((long)i * images.Count / probes)])];

    private static Tensor UnitRows(Tensor rows)
    {
        var norms = rows.norm(dim: 1, keepdim: true);
        return norms.isfinite().all().item<bool>() && norms.IsAbove(0).all().item<bool>()
            ? rows / norms
            : throw new IsotopeException(
                "tested and reference networks: expected scores that answer to the pixels in every class, found one that does not"
            );
    }
}
