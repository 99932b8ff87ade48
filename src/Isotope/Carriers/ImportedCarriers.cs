using Isotope.Files;
using static TorchSharp.torch;

namespace Isotope.Carriers;

/// <summary>Checks and normalises carriers that were drawn elsewhere.</summary>
internal static class ImportedCarriers
{
    /// <summary>The norm of a row may differ from 1 by this much, the accuracy of half precision.</summary>
    private const double NormTolerance = 1e-3;

    /// <summary>A vector of norm 1 rounded to float has a norm this close to 1; such a row stays as it is.</summary>
    private const double FloatPrecision = 6e-8;

    /// <summary>The rows of a C × d tensor of floating point, one after the other, each normalised to norm 1.</summary>
    /// <inheritdoc cref="CarrierKey.Import"/>
    public static float[] Read(Tensor carriers, string source)
    {
        CheckShape(carriers, source);
        using var scope = NewDisposeScope();
        var values = carriers.detach().cpu().to(ScalarType.Float64).contiguous().data<double>().ToArray();
        var result = new float[values.Length];
        var dimension = (int)carriers.shape[1];
        for (var start = 0; start < values.Length; start += dimension)
        {
            var norm = Norm(values.AsSpan(start, dimension));
            if (!(Math.Abs(norm - 1) <= NormTolerance))
                throw UntrustedFile.Refused(
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
            throw UntrustedFile.Refused(source, "a tensor of floating point", $"one of {carriers.dtype}");
        if (carriers.shape is not [>= 2 and <= int.MaxValue, >= 2 and <= int.MaxValue] || carriers.NumberOfElements > Array.MaxLength)
            throw UntrustedFile.Refused(source, "classes × dimensions, at least 2 of each", $"shape [{string.Join(", ", carriers.shape)}]");
    }

    private static double Norm(ReadOnlySpan<double> row)
    {
        var squares = 0.0;
        foreach (var value in row)
            squares += value * value;
        return Math.Sqrt(squares);
    }
}
