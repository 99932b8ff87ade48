using System.Text.Json;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Checkpoints;

/// <summary>The files that Golden/make_golden.py made with PyTorch, and the values in them.</summary>
internal static class GoldenFiles
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Networks", "Checkpoints", "Golden");

    private static readonly Dictionary<string, OrderedDictionary<string, JsonElement[]>> Expected = JsonSerializer.Deserialize<
        Dictionary<string, OrderedDictionary<string, JsonElement[]>>
    >(
        File.ReadAllText(PathOf("expected.json"))
            .Replace("-Infinity", "-1e999", StringComparison.Ordinal)
            .Replace("Infinity", "1e999", StringComparison.Ordinal)
    )!;

    public static IEnumerable<string> Names => Expected.Keys;

    public static string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Names of the tensors of a file, in order.</summary>
    public static IEnumerable<string> TensorNames(string file) => Expected[file].Keys;

    /// <summary>Compares type, shape and every bit of every value.</summary>
    public static void AssertEqual(string file, string name, Tensor actual)
    {
        JsonElement[] expected = Expected[file][name];
        using var scope = NewDisposeScope();
        Tensor doubles = actual.to(ScalarType.Float64).contiguous();
        Assert.Equal(expected[0].GetString(), TypeName(actual.dtype));
        Assert.Equal(expected[1].Deserialize<long[]>()!, actual.shape);
        Assert.Equal(expected[2].EnumerateArray().Select(value => Bits(value.GetDouble())), doubles.data<double>().Select(Bits));
    }

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);

    private static string TypeName(ScalarType type) => type is ScalarType.Byte ? "uint8" : type.ToString().ToLowerInvariant();
}
