using static TorchSharp.torch;

namespace Isotope.Carriers;

/// <summary>Directions that somebody else drew, checked and brought to unit norm.</summary>
internal static class ImportedCarriers
{
    /// <summary>How far from 1 the norm of a row may be: the accuracy of half precision.</summary>
    private const double NormTolerance = 1e-3;

    /// <summary>The norm of a unit vector whose components were rounded to float is this close to 1; such a row stays as it is.</summary>
    private const double FloatPrecision = 6e-8;

    /// <summary>The rows of a C × d tensor of floating point, one after the other, each of unit norm.</summary>
    /// <exception cref="IsotopeException">Another shape or type, not finite, or a row whose norm is not 1.</exception>
    public static float[] Read(Tensor carriers, string source)
    {
        CheckShape(carriers, source);
        using var scope = NewDisposeScope();
        var values = carriers.detach().cpu().to(ScalarType.Float64).contiguous().data<double>().ToArray();
        var (result, dimension) = (new float[values.Length], (int)carriers.shape[1]);
        for (var start = 0; start < values.Length; start += dimension)
        {
            var norm = Norm(values.AsSpan(start, dimension));
            if (!(Math.Abs(norm - 1) <= NormTolerance))
                throw Refused(
                    source,
                    $"finite rows of norm 1 (within {NormTolerance})",
                    FormattableString.Invariant($"norm {norm:G6} in row {start / dimension}")
                );
            var scale = Math.Abs(norm - 1) <= FloatPrecision ? 1 : 1 / norm;
            for (var i = start; i < start + dimension; i++)
                result[i] = (float)(values[i] * scale);
        }

        return result;
    }

    private static void CheckShape(Tensor carriers, string source)
    {
        if (!carriers.is_floating_point())
            throw Refused(source, "a tensor of floating point", $"one of {carriers.dtype}");
        if (carriers.shape is not [>= 2 and <= int.MaxValue, >= 2 and <= int.MaxValue] || carriers.NumberOfElements > Array.MaxLength)
            throw Refused(source, "classes × dimensions, at least 2 of each", $"shape [{string.Join(", ", carriers.shape)}]");
    }

    private static double Norm(ReadOnlySpan<double> row)
    {
        var squares = 0.0;
        foreach (var value in row)
            squares += value * value;
        return Math.Sqrt(squares);
    }

    private static IsotopeException Refused(string source, string expected, string found) =>
        new($"{source}: expected {expected}, found {found}");
}
