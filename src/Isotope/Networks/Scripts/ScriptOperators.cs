namespace Isotope.Networks.Scripts;

/// <summary>
/// Functions in place of libtorch's internal operators that PyTorch writes into ordinary models. The operators trust their arguments;
/// these functions compute the same with operators that check them, or fix the form in which the operator checks them itself.
/// </summary>
internal static class ScriptOperators
{
    /// <summary>The record that holds the functions, in the archive's folder.</summary>
    public const string Record = "code/__torch__/isotope_operators.py";

    private const string Module = "__torch__.isotope_operators";

    // An operator by its name in source, and the function in its place. The antialiased ones are called with sizes and scales that agree.
    private static readonly (string Operator, string Function)[] Replaced =
    [
        ("torch._native_multi_head_attention(", $"{Module}.attention("),
        ("torch._upsample_bilinear2d_aa(", $"{Module}.bilinear("),
        ("torch._upsample_bicubic2d_aa(", $"{Module}.bicubic("),
    ];

    /// <summary>The functions, as an archive holds source.</summary>
    public static ReadOnlySpan<byte> Source =>
        """
        def attention(query: Tensor,
            key: Tensor,
            value: Tensor,
            dimension: int,
            heads: int,
            weight: Tensor,
            bias: Tensor,
            output_weight: Tensor,
            output_bias: Tensor,
            mask: Optional[Tensor],
            need_weights: bool,
            average: bool=True,
            mask_type: Optional[int]=None) -> Tuple[Tensor, Tensor]:
          if torch.__isnot__(mask, None):
            ops.prim.RaiseException("attention with a mask")
          else:
            pass
          if need_weights:
            ops.prim.RaiseException("attention whose weights are wanted")
          else:
            pass
          sizes = [torch.size(query, 0), -1, heads, torch.floordiv(dimension, heads)]
          q = torch.linear(query, torch.slice(weight, 0, 0, dimension), torch.slice(bias, 0, 0, dimension))
          end = torch.mul(dimension, 2)
          k = torch.linear(key, torch.slice(weight, 0, dimension, end), torch.slice(bias, 0, dimension, end))
          last = torch.mul(dimension, 3)
          v = torch.linear(value, torch.slice(weight, 0, end, last), torch.slice(bias, 0, end, last))
          q0 = torch.transpose(torch.reshape(q, sizes), 1, 2)
          k0 = torch.transpose(torch.reshape(k, sizes), 1, 2)
          v0 = torch.transpose(torch.reshape(v, sizes), 1, 2)
          mixed = torch.transpose(torch.scaled_dot_product_attention(q0, k0, v0), 1, 2)
          joined = torch.reshape(mixed, [torch.size(query, 0), -1, dimension])
          output = torch.linear(joined, output_weight, output_bias)
          return (output, output)
        def bilinear(input: Tensor,
            size: Optional[List[int]],
            align_corners: bool,
            scales: Optional[List[float]]=None) -> Tensor:
          return torch._upsample_bilinear2d_aa(input, size, align_corners, scales)
        def bicubic(input: Tensor,
            size: Optional[List[int]],
            align_corners: bool,
            scales: Optional[List[float]]=None) -> Tensor:
          return torch._upsample_bicubic2d_aa(input, size, align_corners, scales)

        """u8;

    /// <summary>Source that calls the functions in place of the operators.</summary>
    public static string Replace(string source)
    {
        foreach (var (name, function) in Replaced)
            source = source.Replace(name, function, StringComparison.Ordinal);
        return source;
    }
}
