using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>Attention of Vaswani et al. 2017 among the tokens of each sequence, in several heads.</summary>
internal static class Attention
{
    /// <summary>Queries, keys and values N × T × 3C as 3 × N × heads × T × C/heads.</summary>
    public static Tensor Split(Tensor projected, int heads)
    {
        var (count, tokens, channels) = (projected.shape[0], projected.shape[1], projected.shape[2] / 3);
        using var scope = NewDisposeScope();
        return projected.view(count, tokens, 3, heads, channels / heads).permute(2, 0, 3, 1, 4).MoveToOuterDisposeScope();
    }

    /// <summary>Means of the values, weighted by how well queries fit keys: N × T × C.</summary>
    /// <param name="heads">From <see cref="Split"/>.</param>
    /// <param name="bias">Added to the fit, N × heads × T × T or what broadcasts to it; null is 0.</param>
    public static Tensor Of(Tensor heads, Tensor? bias = null)
    {
        using var scope = NewDisposeScope();
        var (queries, keys, values) = (heads[0], heads[1], heads[2]);
        var fit = queries.Times(1 / Math.Sqrt(queries.shape[3])).matmul(keys.transpose(-2, -1));
        if (bias is not null)
            fit = fit.Plus(bias);
        return fit.softmax(-1).matmul(values).transpose(1, 2).flatten(2).MoveToOuterDisposeScope();
    }
}
