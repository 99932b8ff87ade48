using CsCheck;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Checkpoints;

/// <summary>Random named tensors for round trips: every type, shapes with empty and no dimensions, strides of views.</summary>
internal static class TensorGen
{
    private static readonly ScalarType[] Types =
    [
        ScalarType.Float32,
        ScalarType.Float64,
        ScalarType.Float16,
        ScalarType.BFloat16,
        ScalarType.Int64,
        ScalarType.Int32,
        ScalarType.Int16,
        ScalarType.Int8,
        ScalarType.Byte,
        ScalarType.Bool,
    ];

    /// <summary>How to make a tensor; a failing case prints it.</summary>
    internal sealed record Recipe(string Name, ScalarType Type, long[] Shape, bool Transposed, int Seed)
    {
        public KeyValuePair<string, Tensor> Make()
        {
            Tensor whole = empty([.. Shape, 2], dtype: Type);
            new Random(Seed).NextBytes(whole.bytes);
            if (Type is ScalarType.Bool)
                foreach (ref byte b in whole.bytes)
                    b &= 1;
            Tensor half = whole.select(-1, 1);
            return new(Name, Transposed && Shape.Length >= 2 ? half.transpose(0, -1) : half);
        }

        public override string ToString() => $"{Name}: {Type} [{string.Join(',', Shape)}] {Transposed} {Seed}";
    }

    public static readonly Gen<Recipe[]> Recipes = Gen.Select(
            Gen.String[1, 12],
            Gen.Int[0, Types.Length - 1],
            Gen.Long[0, 5].Array[0, 4],
            Gen.Bool,
            Gen.Int
        )
        .Select((name, type, shape, transposed, seed) => new Recipe(Scalar(name), Types[type], shape, transposed, seed))
        .Array[0, 6]
        .Select(recipes => recipes.DistinctBy(recipe => recipe.Name).ToArray());

    /// <summary>Compares names, types, shapes and bytes.</summary>
    public static void AssertSame(IEnumerable<KeyValuePair<string, Tensor>> expected, IEnumerable<KeyValuePair<string, Tensor>> actual)
    {
        Assert.Equal(expected.Select(item => item.Key), actual.Select(item => item.Key));
        foreach (((_, Tensor e), (_, Tensor a)) in expected.Zip(actual))
        {
            Assert.Equal(e.dtype, a.dtype);
            Assert.Equal(e.shape, a.shape);
            Assert.Equal(e.contiguous().bytes, a.contiguous().bytes);
        }
    }

    // A lone surrogate can't be encoded in a file.
    private static string Scalar(string text) => string.Concat(text.Select(c => char.IsSurrogate(c) ? '?' : c));
}
