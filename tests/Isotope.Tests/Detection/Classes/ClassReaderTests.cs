using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Detection.Classes;
using Isotope.Networks;

namespace Isotope.Tests.Detection.Classes;

/// <summary>
/// Suspects whose classes are others than the owner's: read rightly or refused, exact for models that never saw a carrier, and about as
/// powerful as with the true map.
/// </summary>
public sealed class ClassReaderTests : IDisposable
{
    private const int Classes = 8;
    private const int Keys = 2000;
    private static readonly int[] Permuted = [3, 7, 0, 5, 1, 2, 6, 4];
    private readonly TemporaryFolder folder = new();
    private readonly Dataset images;
    private readonly Dataset others;
    private readonly TorchNetwork marking;

    public ClassReaderTests()
    {
        images = ColouredImages.Write(folder.File("vanilla"), Classes, perClass: 24);
        others = ColouredImages.Write(folder.File("others"), Classes, perClass: 40, seed: 1000);
        marking = ColouredImages.Fitted(images, Classes, label => label);
    }

    [Fact]
    public void Read_ClassesInOrder_TakesTheNetworkAsItIs()
    {
        var read = Read(label => label, Classes);
        Assert.Equal((ClassRule.Order, null), (read.Rule, read.Rows));
        Assert.InRange(read.Accuracy!.Value, 0.6, 1);
        Assert.Empty(read.Reading.LeftOut);
    }

    [Fact]
    public void Read_PermutedClasses_FindsThem()
    {
        var read = Read(label => Permuted[label], Classes);
        Assert.Equal(ClassRule.Found, read.Rule);
        Assert.Equal(Permuted.Select(output => (int[])[output]), read.Classes.Select(c => c.Outputs));
        Assert.Contains("the order of yours tells", read.Why);
        Assert.Contains("class0 ← 3, class1 ← 7", $"{read.Reading}");
    }

    [Fact]
    public void Read_MoreAndMergedClasses_FindsThem()
    {
        var more = Read(label => label + 3, Classes + 3);
        Assert.Equal(Enumerable.Range(3, Classes).Select(output => (int[])[output]), more.Classes.Select(c => c.Outputs));

        var merged = Read(label => label / 2, Classes / 2);
        Assert.Equal(Enumerable.Range(0, Classes).Select(label => (int[])[label / 2]), merged.Classes.Select(c => c.Outputs));
        Assert.Empty(merged.Reading.LeftOut);
    }

    [Fact]
    public void Read_SplitClass_FindsAllOfItsOutputs()
    {
        using var split = ColouredImages.Fitted(images, Classes + 1, label => label);
        var row = split.Weight[1].clone();
        using (TorchSharp.torch.no_grad())
        {
            split.Weight[Classes].copy_(row);
            split.Bias![Classes].copy_(split.Bias[1]);
        }

        var read = new ClassReader(images, Classes).Read(split, "tested-network");
        Assert.Equal([1, Classes], read.Classes[1].Outputs);
    }

    [Fact]
    public void Read_FeaturesAlone_FindsTheClassesInThem()
    {
        using var features = new FeaturesOnly(marking);
        var read = new ClassReader(images, Classes).Read(features, "tested-network");
        Assert.Equal((ClassRule.Found, 64), (read.Rule, read.Rows![0].Length));
        Assert.NotNull(read.Ridge);
        Assert.InRange(read.Accuracy!.Value, 0.5, 1);
        Assert.Contains("it has no classifier", read.Why);
    }

    [Fact]
    public void Read_WhatCannotBeFound_IsRefusedOrTakenInOrder()
    {
        using var four = Fixtures.RandomNetwork(4);
        var few = images.Limit(3);
        Assert.Equal(
            "--tested-network: expected at least 4 vanilla images of each class, to find its 4 outputs' classes, found 3; give more "
                + "--images, or --classes MAP",
            Refusal(few, four)
        );
        Assert.Equal(
            "--tested-network: expected 5 classes, as many as the key has carriers, found 4; give --images with the key's classes, or "
                + "--classes MAP",
            Assert.Throws<IsotopeException>(() => new ClassReader(images, 5).Read(four, "tested-network")).Message
        );
        Assert.Equal(
            "--tested-network: expected 8 classes, as many as the key has carriers, found 4; give --classes MAP or auto",
            Refusal(images, four, ClassMap.Order)
        );
        Assert.Equal(ClassRule.Order, new ClassReader(few, Classes).Read(marking, "tested-network").Rule);
        var unlabelled = images with { ClassNames = ["one"], Images = [.. images.Images.Select(image => image with { Label = 0 })] };
        Assert.Equal(ClassRule.Order, new ClassReader(unlabelled, Classes).Read(marking, "tested-network").Rule);

        var shuffled = images with { Images = [.. images.Images.Select((image, i) => image with { Label = i * 5 % Classes })] };
        Assert.Contains("expected outputs that tell the classes of --images apart", Refusal(shuffled, four));
    }

    [Fact]
    public void Read_AsTheUserSays_TakesThatAndLeavesOutTheRest()
    {
        using var network = Fixtures.RandomNetwork(5);
        var map = ClassMap.Of(new Dictionary<string, IReadOnlyList<int>> { ["class1"] = [4], ["class2"] = [0, 3] });
        var read = new ClassReader(images, Classes).Read(network, "tested-network", map);
        Assert.Equal([0, 0, 0, 0, 1], read.Rows![1]);
        Assert.Equal([0.5, 0, 0, 0.5, 0], read.Rows[2]);
        Assert.Equal(["class0", "class3", "class4", "class5", "class6", "class7"], read.Reading.LeftOut);

        var key = CarrierKey.FromSeed(Classes, 64, 1);
        var result = WhiteBoxTest.Run(
            key,
            marking,
            network,
            images,
            new()
            {
                Classes = map,
                Probes = 400,
                RankSets = 10,
            }
        );
        Assert.Equal(["class1", "class2"], result.Classes.Select(c => c.Label));
        Assert.Equal(2, result.Readings.Count);
        var one = ClassMap.Of(new Dictionary<string, IReadOnlyList<int>> { ["class1"] = [4] });
        Assert.Equal("--classes: expected outputs for two classes or more, found them for 1", Refusal(images, network, one));
    }

    /// <summary>Exact for a model that never saw a carrier, and about as powerful as with the true map for one that did.</summary>
    [Theory]
    [InlineData("permuted", 0.8)]
    [InlineData("more", 0.8)]
    [InlineData("merged", 0.5)]
    [InlineData("half", 0.3)] // unknown classes each look like a known one here, as if merged with it, and dilute the result
    public void Run_ModelOfOtherClasses_IsExactAndShowsAboutAsMuchAsWithTheTrueMap(string kind, double leastShare)
    {
        var key = CarrierKey.FromSeed(Classes, 64, 3);
        var (outputs, labelOf) = Relabelled(kind);
        using var unmarked = ColouredImages.Fitted(others, outputs, labelOf);
        using var marked = ColouredImages.Fitted(others, outputs, labelOf, key);
        var map = ClassMap.Of(
            Enumerable
                .Range(0, Classes)
                .Where(label => labelOf(label) >= 0)
                .ToDictionary(label => $"class{label}", label => (IReadOnlyList<int>)[labelOf(label)])
        );
        var control = Directions(unmarked, said: null);
        AssertUniform(control, kind);
        var (truth, found, none) = (LogP(Directions(marked, map)), LogP(Directions(marked, said: null)), LogP(control));
        TestContext.Current.TestOutputHelper!.WriteLine($"{kind}: true map {truth:F2}, found {found:F2}, control {none:F2}");
        Assert.True(truth < -3, $"true map: {truth}");
        Assert.InRange(found / truth, leastShare, 1.5);
        Assert.True(none > -3);

        double LogP((AlignedClassifier Aligned, IReadOnlyList<double[]> Response) of) =>
            WhiteBoxTest.Test(key, of.Aligned, manifestChecked: true, of.Response).PValue.Log10;
    }

    [Fact]
    public void Run_FeaturesAlone_IsExact()
    {
        using var network = ColouredImages.Fitted(others, Classes, label => Permuted[label]);
        using var features = new FeaturesOnly(network);
        AssertUniform(Directions(features, said: null), "features");
    }

    public void Dispose()
    {
        marking.Dispose();
        folder.Dispose();
    }

    private (AlignedClassifier Aligned, IReadOnlyList<double[]> Response) Directions(Network tested, ClassMap? said)
    {
        var reader = new ClassReader(images, Classes);
        var suspect = reader.Read(tested, "tested-network", said);
        int[] labels = [.. Enumerable.Range(0, Classes).Where(label => !suspect.Classes[label].IsLeftOut)];
        using var mapped = new MappedNetworks([suspect, reader.Read(marking, "marking-network")], labels);
        var response = FeatureResponse.Residual(marking, mapped[0], mapped.Others, images, probes: 768);
        var aligned = AlignedClassifier.Compute(marking, mapped[0], images) with
        {
            Labels = [.. labels.Select(label => reader.Names[label])],
            Carriers = labels,
        };
        return (aligned, response);
    }

    private static void AssertUniform((AlignedClassifier Aligned, IReadOnlyList<double[]> Response) of, string kind)
    {
        var tests = Enumerable
            .Range(0, Keys)
            .Select(seed => WhiteBoxTest.Test(CarrierKey.FromSeed(Classes, 64, seed), of.Aligned, manifestChecked: true, of.Response))
            .ToArray();
        Uniformity.AssertUniform(tests.Select(test => test.PValue), $"{kind}, response");
        Uniformity.AssertUniform(tests.Select(test => test.Others[1].PValue), $"{kind}, paper");
    }

    private static (int Outputs, Func<int, int> LabelOf) Relabelled(string kind) =>
        kind switch
        {
            "permuted" => (Classes, label => Permuted[label]),
            "more" => (Classes + 4, label => Permuted[label] + 4),
            "half" => (4, label => label % 2 == 0 ? label / 2 : -1),
            _ => (Classes / 2, label => Permuted[label] / 2),
        };

    private ReadNetwork Read(Func<int, int> labelOf, int outputs)
    {
        using var network = ColouredImages.Fitted(images, outputs, labelOf);
        var read = new ClassReader(images, Classes).Read(network, "tested-network");
        _ = read.Reading;
        return read;
    }

    private static string Refusal(Dataset dataset, Network network, ClassMap? said = null) =>
        Assert.Throws<IsotopeException>(() => new ClassReader(dataset, Classes).Read(network, "tested-network", said)).Message;
}
