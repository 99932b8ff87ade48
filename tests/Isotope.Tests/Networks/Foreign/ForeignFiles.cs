using System.Text.Json;
using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Foreign;

/// <summary>The files that Golden/make_golden.py made with PyTorch, and what PyTorch computed with them.</summary>
internal static class ForeignFiles
{
    public const int Size = 16;
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Networks", "Foreign", "Golden");

    public static string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Loads a model of this folder or, by its path, another one.</summary>
    public static Network Load(string name) => Network.Load(PathOf(name), overrides: new InputOverride { Size = Size });

    /// <summary>The script's two views, in grey levels.</summary>
    public static Tensor Views()
    {
        using var scope = NewDisposeScope();
        var index = arange(2 * 3 * Size * Size, dtype: int64);
        return (index * index + 37 * index).remainder(256).to(float32).view(2, 3, Size, Size).MoveToOuterDisposeScope();
    }

    /// <summary>Largest difference from PyTorch's numbers, over the largest of them.</summary>
    public static double Error(string file, string what, Tensor actual)
    {
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllText(PathOf("expected.json")));
        var values = json.RootElement.GetProperty(file).GetProperty(what).Deserialize<float[]>()!;
        var expected = tensor(values).view(2, -1);
        Assert.Equal(expected.shape, actual.shape);
        return ((actual - expected).abs().max() / expected.abs().max()).item<float>();
    }
}
