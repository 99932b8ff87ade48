namespace Isotope.Networks.Architectures;

/// <summary>Where a tensor of a file belongs.</summary>
/// <param name="Name">Our name of the tensor.</param>
/// <param name="Part">Which part of it the file's tensor is, or its shape there.</param>
internal readonly record struct Place(string Name, TensorPart Part)
{
    /// <summary>The shape that our tensor has if the file's has this one.</summary>
    public long[] Shape(long[] shape) =>
        (Part, shape) switch
        {
            (TensorPart.Column, [var rows]) => [rows, 1, 1],
            (TensorPart.Matrix, [var rows, .. var rest]) => [rows, rest.Aggregate(1L, (product, side) => product * side)],
            (TensorPart.First or TensorPart.Second or TensorPart.Third, [var rows, .. var rest]) => [3 * rows, .. rest],
            _ => shape,
        };
}

/// <summary>How a file's tensor lies in ours.</summary>
internal enum TensorPart
{
    /// <summary>It is the same.</summary>
    Whole,

    /// <summary>It is the first third of the rows: queries.</summary>
    First,

    /// <summary>It is the second third of the rows: keys.</summary>
    Second,

    /// <summary>It is the last third of the rows: values.</summary>
    Third,

    /// <summary>It is a vector, ours N × 1 × 1.</summary>
    Column,

    /// <summary>It is a convolution over a whole map, ours a matrix.</summary>
    Matrix,
}
