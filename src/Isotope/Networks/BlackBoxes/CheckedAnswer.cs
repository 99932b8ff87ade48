using System.Globalization;
using System.Numerics.Tensors;

namespace Isotope.Networks.BlackBoxes;

/// <summary>Makes answers from untrusted numbers: checks them, or refuses them in one line that begins with where they stand.</summary>
internal static class CheckedAnswer
{
    /// <summary>How far the sum of probabilities, which may be rounded, may be from 1. They are divided by their sum.</summary>
    private const double SumTolerance = 0.01;

    /// <summary>Checks an answer from a journal.</summary>
    /// <exception cref="IsotopeException">It has another number of classes, or its numbers can't be an answer.</exception>
    public static Answer Of(string where, Answer answer, int classes) =>
        answer switch
        {
            null => throw new IsotopeException($"{where}: expected an answer, found none"),
            { Probabilities: { } probabilities } => OfProbabilities(where, [.. probabilities], classes),
            { TopLabels: { } labels } => OfLabels(where, [.. labels.Select(label => (double)label)], classes),
            _ => OfLoss(where, answer.Loss ?? double.NaN),
        };

    private static Answer OfProbabilities(string where, double[] values, int classes) =>
        values.Length == classes
            ? OfProbabilities(where, values)
            : throw new IsotopeException($"{where}: expected probabilities of {classes} classes, found {values.Length}");

    /// <summary>Probabilities, one per class.</summary>
    /// <exception cref="IsotopeException">A value is not in 0…1, or the sum is not 1.</exception>
    public static Answer OfProbabilities(string where, double[] values)
    {
        var wrong = Array.FindIndex(values, value => value is not (>= 0 and <= 1));
        if (wrong >= 0)
            throw Expected(where, "probabilities of 0 to 1", values[wrong]);
        var sum = TensorPrimitives.Sum<double>(values);
        if (Math.Abs(sum - 1) > SumTolerance)
            throw Expected(where, "probabilities that sum to 1", sum);
        return new Answer { Probabilities = [.. values.Select(value => value / sum)] };
    }

    /// <summary>The probabilities of logits, one per class.</summary>
    /// <exception cref="IsotopeException">A value is not finite.</exception>
    public static Answer OfLogits(string where, double[] values)
    {
        var wrong = Array.FindIndex(values, value => !double.IsFinite(value));
        if (wrong >= 0)
            throw Expected(where, "finite logits", values[wrong]);
        var highest = TensorPrimitives.Max<double>(values);
        double[] weights = [.. values.Select(value => Math.Exp(value - highest))];
        var sum = TensorPrimitives.Sum<double>(weights);
        return new Answer { Probabilities = [.. weights.Select(weight => weight / sum)] };
    }

    /// <summary>Labels, best first.</summary>
    /// <exception cref="IsotopeException">A label is unknown, or given twice.</exception>
    public static Answer OfLabels(string where, double[] values, int classes)
    {
        var unknown = Array.FindIndex(values, value => !(value >= 0 && value < classes && double.IsInteger(value)));
        if (unknown >= 0)
            throw Expected(where, $"labels of 0 to {classes - 1}, in the order of the class folders", values[unknown]);
        if (values.Length == 0)
            throw new IsotopeException($"{where}: expected labels, best first, found none");
        if (values.Distinct().Count() < values.Length)
            throw new IsotopeException($"{where}: expected different labels, best first, found one twice");
        return new Answer { TopLabels = [.. values.Select(value => (int)value)] };
    }

    /// <summary>The loss of the true class.</summary>
    /// <exception cref="IsotopeException">It is negative or not finite.</exception>
    public static Answer OfLoss(string where, double value) =>
        value >= 0 && double.IsFinite(value)
            ? new Answer { Loss = value }
            : throw Expected(where, "a loss, finite and not negative", value);

    private static IsotopeException Expected(string where, string expected, double found) =>
        new($"{where}: expected {expected}, found {found.ToString("G6", CultureInfo.InvariantCulture)}");
}
