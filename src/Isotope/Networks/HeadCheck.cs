using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>
/// Checks of models that bring their own architecture: that a layer is the classifier, so that features, W and b give the model's own
/// logits, and that an answer depends on its image alone.
/// </summary>
internal static class HeadCheck
{
    /// <summary>Largest error accepted, relative to the largest logit.</summary>
    public const double Tolerance = 1e-3;

    /// <summary>The same for models that compute in 16 bits, of which 11 are the number's.</summary>
    public const double HalfTolerance = 1e-2;

    private const string NoClassifier = "no linear classifier was found before its outputs, which are taken as its features";

    private const double SteadyTolerance = 5e-3;

    // Of different contrast, so that statistics of a batch are not those of each view.
    private static readonly double[] Contrasts = [1, 0.2, 0.6, 0.35];

    /// <summary>Number of <see cref="Views"/>.</summary>
    public static int Count => Contrasts.Length;

    /// <summary>How a file was read, for people; null if there was nothing to choose or to miss.</summary>
    /// <param name="choice">What was chosen; null for nothing.</param>
    /// <param name="hasClassifier">Whether a classifier was found.</param>
    public static string? Describe(string? choice, bool hasClassifier)
    {
        string?[] remarks = [choice, hasClassifier ? null : NoClassifier];
        var said = string.Join("; ", remarks.Where(remark => remark is not null));
        return said.Length > 0 ? said : null;
    }

    /// <summary>Fixed, different views N × 3 × S × S: waves in grey levels.</summary>
    public static Tensor Views(int size)
    {
        using var scope = NewDisposeScope();
        var images = Contrasts.Length;
        var phase = tensor(Enumerable.Range(0, images * 3 * size * size).Select(i => i * 0.37).ToArray());
        var waves = (phase.sin() * phase.Times(0.0101).cos()).view(images, 3, size, size) * tensor(Contrasts).view(images, 1, 1, 1);
        return waves.Times(127.5).Plus(127.5).to(float32).MoveToOuterDisposeScope();
    }

    /// <summary>How far W · features + b is from the logits, relative to the largest logit; infinite if shapes differ.</summary>
    public static double Error(Tensor features, Tensor weight, Tensor? bias, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var isLinear = features.dim() == 2 && features.shape[1] == weight.shape[1];
        if (!isLinear || !logits.shape.SequenceEqual([features.shape[0], weight.shape[0]]))
            return double.PositiveInfinity;
        return Difference(nn.functional.linear(features, weight, bias), logits);
    }

    /// <summary>Largest difference relative to the largest number; infinite if a number is not finite.</summary>
    public static double Difference(Tensor found, Tensor expected)
    {
        using var scope = NewDisposeScope();
        var (difference, largest) = ((found - expected).abs().max().item<float>(), expected.abs().max().item<float>());
        if (difference == 0)
            return 0;
        var error = difference / largest;
        return float.IsNaN(error) ? double.PositiveInfinity : error;
    }

    /// <summary>Refuses a model whose answer to a view depends on chance or on the views beside it.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="views">Several views.</param>
    /// <param name="answer">The model's answers to views.</param>
    /// <exception cref="IsotopeException">They differ.</exception>
    public static void RequireSteady(string path, Tensor views, Func<Tensor, Tensor> answer)
    {
        using var scope = NewDisposeScope();
        var together = answer(views);
        var alone = cat([.. views.split(1).Select(answer)]);
        var isSame = Difference(answer(views), together) <= SteadyTolerance && Difference(alone, together) <= SteadyTolerance;
        if (!isSame && together.isfinite().all().item<bool>())
            throw Unsteady(path);
    }

    /// <summary>The exception for a model in training mode.</summary>
    public static IsotopeException Unsteady(string path) =>
        new(
            $"{path}: expected answers that depend on each image alone, found others: the model was exported in training mode; call "
                + "model.eval() and export it again (docs/export.md)"
        );

    /// <summary>Numbers N × C of a value that may have further dimensions of 1.</summary>
    public static Tensor Flat(Tensor value) => value.flatten(1);

    /// <summary>Columns of N × C numbers, of which at most one further dimension is not 1; else 0.</summary>
    public static long Columns(ReadOnlySpan<long> shape)
    {
        long columns = 1;
        foreach (var size in shape[1..])
            if (size != 1 && columns != 1)
                return 0;
            else
                columns *= size;
        return columns;
    }
}
