using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Detection.Classes;

/// <summary>
/// A linear map from a model's outputs to the owner's classes, found on vanilla labelled images: every other image of a class says how well
/// a map of its kind does, and all together give the map.
/// </summary>
/// <param name="Rows">K × m in double, on the CPU.</param>
/// <param name="Offsets">K.</param>
/// <param name="Recalls">Share of each class's held-out images that it tells rightly.</param>
/// <param name="Contrasts">For each class, how much more its own held-out images show of it than others do.</param>
/// <param name="Shares">For each class, how much of its outputs its own held-out images show, over those of the class that shows
/// most.</param>
/// <param name="Ridge">Of a map of features.</param>
internal sealed record FoundMap(Tensor Rows, Tensor Offsets, double[] Recalls, double[] Contrasts, double[] Shares, double? Ridge = null)
{
    /// <summary>A class that shows less than this share of the clearest class's contrast is not told.</summary>
    private const double LeastContrast = 1.0 / 3;

    /// <summary>A class that shows less than this share of its outputs is not told: they are another class's, which it resembles.</summary>
    private const double LeastShare = 0.75;

    /// <summary>Standard errors above chance that a map has to reach.</summary>
    private const double LeastErrors = 4;

    /// <summary>Of outputs, those that are at least this share of a class's largest weight stand for it.</summary>
    private const double LeastWeight = 0.5;

    /// <summary>Weights below this are rounding.</summary>
    private const double SmallestWeight = 1e-9;

    private static readonly double[] Ridges = [1e-4, 1e-3, 1e-2, 1e-1, 1];

    /// <summary>Mean share of a class's held-out images that it tells rightly.</summary>
    public double Accuracy => Recalls.Average();

    /// <summary>Whether the model tells each class.</summary>
    public bool[] Told
    {
        get
        {
            var least = LeastContrast * Contrasts.Max();
            return [.. Contrasts.Zip(Shares, (contrast, share) => contrast > 0 && contrast >= least && share >= LeastShare)];
        }
    }

    /// <summary>Whether it tells the classes better than chance alone does.</summary>
    public bool IsBetterThanChance(int heldOut)
    {
        var chance = 1.0 / Recalls.Length;
        return Accuracy > chance + LeastErrors * Math.Sqrt(chance * (1 - chance) / Math.Max(1, heldOut));
    }

    /// <summary>The outputs that stand for a class.</summary>
    public int[] OutputsOf(int label)
    {
        var weights = Rows[label].data<double>().ToArray();
        return [.. Enumerable.Range(0, weights.Length).Where(i => weights[i] > 0)];
    }

    /// <summary>
    /// The map of probabilities: the outputs that a class's images raise most over those of all classes, each by as much as they do. A mark
    /// of class i moves the row of output j in proportion to how much more often class i was labelled j than others were, so that this is
    /// its matched filter, whatever the labels; smaller weights are the model's own confusions.
    /// </summary>
    public static FoundMap OfProbabilities(LabelledOutputs outputs)
    {
        var (fitted, heldOut) = outputs.Halves();
        var half = Sharpened(fitted.Means());
        var scores = heldOut.Values.matmul(half.t());
        var means = heldOut.Means().matmul(half.t()); // how much the images of one class show of another's outputs
        var shares = means.diagonal() / means.amax([0]).AtLeast(SmallestWeight);
        return new FoundMap(
            Sharpened(outputs.Means()),
            zeros([outputs.Classes], float64),
            heldOut.Recalls(scores),
            heldOut.Contrasts(scores),
            shares.data<double>().ToArray()
        );
    }

    /// <summary>The map of features: ridge regression of the classes, whose ridge does best on the held-out images.</summary>
    public static FoundMap OfFeatures(LabelledOutputs outputs)
    {
        var (fitted, heldOut) = outputs.Halves();
        var best = Ridges.Select(ridge => (Ridge: ridge, Recalls: heldOut.Recalls(Scores(ridge)))).MaxBy(tried => tried.Recalls.Average());
        var (rows, offsets) = Regress(outputs, best.Ridge);
        double[] shares = [.. best.Recalls.Select(_ => 1.0)];
        return new FoundMap(rows, offsets, best.Recalls, heldOut.Contrasts(Scores(best.Ridge)), shares, best.Ridge);

        Tensor Scores(double ridge)
        {
            var (half, halfOffsets) = Regress(fitted, ridge);
            return heldOut.Values.matmul(half.t()).Plus(halfOffsets);
        }
    }

    /// <summary>Of each row minus the mean row, the weights that are at least half of the largest, scaled to sum to 1.</summary>
    private static Tensor Sharpened(Tensor means)
    {
        var weights = means - means.mean([0], keepdim: true);
        var least = weights.amax([1], keepdim: true).Times(LeastWeight).AtLeast(SmallestWeight);
        var kept = weights * weights.ge(least);
        return kept / kept.sum(dim: 1, keepdim: true).AtLeast(SmallestWeight);
    }

    private static (Tensor Rows, Tensor Offsets) Regress(LabelledOutputs outputs, double ridge)
    {
        var mean = outputs.Values.mean([0], keepdim: true);
        var centred = outputs.Values - mean;
        var targets = outputs.OneHot();
        var gram = centred.t().matmul(centred);
        var lambda = ridge * gram.trace().item<double>() / gram.shape[0];
        var factor = linalg.cholesky(gram.Plus(eye(gram.shape[0], dtype: float64).Times(Math.Max(lambda, 1e-12))));
        var rows = cholesky_solve(centred.t().matmul(targets), factor).t();
        return (rows, targets.mean([0]) - rows.matmul(mean.t()).squeeze(1));
    }
}
