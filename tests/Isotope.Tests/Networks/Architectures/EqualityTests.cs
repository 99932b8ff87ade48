using System.Text.Json;
using System.Text.RegularExpressions;
using Isotope.Networks.Architectures;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Architectures;

/// <summary>Our architectures against torchvision's, or for CIFAR against the papers', as Golden/make_golden.py computed them.</summary>
public sealed partial class EqualityTests
{
    private const int Classes = 10;
    private const double Tolerance = 1e-4;

    private static readonly Dictionary<string, Golden> Expected = JsonSerializer.Deserialize<Dictionary<string, Golden>>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Networks", "Architectures", "Golden", "expected.json")),
        JsonSerializerOptions.Web
    )!;

    public static TheoryData<string> Names => [.. Catalogue.All.Select(architecture => architecture.Name)];

    /// <summary>Those with recorded numbers; the larger ones are the same code with more blocks.</summary>
    public static TheoryData<string> Computed => [.. Expected.Where(item => item.Value.Logits is not null).Select(item => item.Key)];

    [Theory, MemberData(nameof(Names))]
    public void StateDict_OfEveryArchitecture_HasTheNamesAndShapesOfPyTorch(string name)
    {
        var shapes = Catalogue.Find(name).Shapes(Classes).Select(item => (item.Key, Shape: string.Join(",", item.Value))).ToArray();
        Assert.Equal(Expected[name].Tensors, shapes.Length);
        var text = string.Concat(shapes.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => $"{item.Key}[{item.Shape}];"));
        Assert.Equal(Expected[name].Shapes, GoldenWeights.Fnv(text));
    }

    [Theory, MemberData(nameof(Computed))]
    public void Logits_OfAnArchitecture_AreThoseOfPyTorch(string name)
    {
        var architecture = Catalogue.Find(name);
        using var module = architecture.Build(Classes, null);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        GoldenWeights.Fill(module);
        module.eval();
        var (size, isFixed) = (architecture.Input.Size, architecture.LargestInput == architecture.SmallestInput);
        var images = GoldenWeights.Noise("images", isFixed || size == 32 ? [2, 3, size, size] : [2, 3, 70, 64]);
        AssertClose(Expected[name].Logits!, module.call(images).flatten());
        var features = module.Features(images).flatten();
        AssertClose(Expected[name].Features!, features[tensor(Enumerable.Range(0, 32).Select(i => i * features.shape[0] / 32).ToArray())]);
    }

    /// <summary>The page names every architecture, or, where it ends in "…", the first of a row.</summary>
    [Fact]
    public void Documentation_NamesOnlyArchitectures_AndEveryFamily()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root(), "docs", "architectures.md"));
        var rows = page.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).ToArray();
        var named = rows.SelectMany(row => CodeSpan().Matches(row).Select(match => match.Groups[1].Value)).ToHashSet();
        Assert.All(named, name => Assert.True(Catalogue.Contains(name), name));
        var plain = Catalogue.All.Select(architecture => architecture.Name).Where(name => !name.Contains('-'));
        Assert.Subset(named, plain.ToHashSet());
    }

    private static void AssertClose(double[] expected, Tensor actual)
    {
        var largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual.data<float>()), pair => Assert.Equal(pair.First, pair.Second, Tolerance * largest));
    }

    private sealed record Golden(int Tensors, uint Shapes, double[]? Logits, double[]? Features);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeSpan();
}
