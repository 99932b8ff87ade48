using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Runs;
using Isotope.Statistics;

namespace Isotope.Tests.Detection;

/// <summary>Are images marked? Really marked ones are found; vanilla ones, and those of another key, are not.</summary>
public sealed class ImageTestTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TorchNetwork network = Fixtures.RandomNetwork();
    private readonly CarrierKey key = CarrierKey.FromSeed(3, 64, 1);
    private readonly CarrierKey other = CarrierKey.FromSeed(3, 64, 2);
    private readonly Dataset vanilla;
    private readonly Dataset marked;

    public ImageTestTests()
    {
        vanilla = Fixtures.WriteFolder(folder.File("vanilla"), perClass: 30);
        var options = new DatasetMarkingOptions
        {
            Fraction = 0.4,
            OnlyMarked = true,
            Marking = new MarkingOptions { Iterations = 15, Augmentation = Augmentation.Centre },
        };
        new DatasetMarker(vanilla, key, network, options).Run(folder.File("marked"));
        marked = SuspectImages.Open(folder.File("marked"), vanilla.ClassNames, null);
    }

    [Fact]
    public void WithOriginals_MarkedImages_AreFoundAndWithAnotherKeyNot()
    {
        Assert.True(WithOriginals(key, marked).PValue.Log10 < -8);
        Assert.True(WithOriginals(other, marked).PValue.Log10 > -3);
    }

    [Fact]
    public void WithOriginals_OtherNumbersOfImages_AreRefused()
    {
        Assert.Contains(
            "originals, one of each",
            Assert
                .Throws<IsotopeException>(() =>
                    ImageTest.WithOriginals(key, network, marked, marked with { Images = [.. marked.Images.Skip(1)] })
                )
                .Message
        );
        Assert.Contains(
            "expected images, found none",
            Assert.Throws<IsotopeException>(() => ImageTest.WithReference(key, network, marked with { Images = [] }, vanilla)).Message
        );
    }

    [Fact]
    public void WithReference_MarkedImages_AreFoundAndOtherKeysAndVanillaOnesNot()
    {
        var marks = Directory
            .EnumerateFiles(folder.File("marked"), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder.File("marked"), path))
            .ToHashSet();
        var reference = vanilla with { Images = [.. vanilla.Images.Where(image => !marks.Contains(image.Id))] };
        var unmarked = vanilla with { Images = [.. vanilla.Images.Where(image => marks.Contains(image.Id))] };
        Assert.True(ImageTest.WithReference(key, network, marked, reference).PValue.Log10 < -4);
        Assert.True(ImageTest.WithReference(other, network, marked, reference).PValue.Log10 > -3);
        Assert.True(ImageTest.WithReference(key, network, unmarked, reference).PValue.Log10 > -3);
    }

    [Fact]
    public void WithOriginals_OneImageOfUnknownClass_TriesAllClassesExactly()
    {
        var image = SuspectImages.Open(marked.Images[0].Source.Name, vanilla.ClassNames, null);
        var original = SuspectImages.Open(Path.Combine(vanilla.Root, marked.Images[0].Id), vanilla.ClassNames, null);
        var result = ImageTest.WithOriginals(key, network, image, original);
        Assert.Equal(("sidak", 3, 1), (result.Combination, result.Classes.Count, result.Images));
        Assert.Equal(0, result.Classes.Index().MinBy(c => c.Item.PValue).Index);
        AssertUniform(ImageTest.Displacements(3, network, image, original), image, "Šidák");
    }

    [Fact]
    public void Test_FreshKeys_GiveUniformPValues()
    {
        var (suspects, originals) = SuspectImages.Pair(marked, vanilla);
        AssertUniform(ImageTest.Displacements(3, network, suspects, originals), suspects, "displacement");
        AssertUniform(ImageTest.Deviations(3, network, suspects, vanilla), suspects, "deviation");
        Assert.True(WithOriginals(key, marked).RankCheck.Agrees);
    }

    [Fact]
    public void WithOriginals_ImagesThatAreTheOriginals_AreRefused() =>
        Assert.Equal(
            $"{vanilla.Root}: expected images that differ from vanilla ones, found none that does",
            Assert.Throws<IsotopeException>(() => WithOriginals(key, vanilla)).Message
        );

    [Fact]
    public void WithOriginals_MarkedImages_SaysWhatWasTested()
    {
        var result = WithOriginals(key, marked);
        Assert.Equal(("displacement", "stouffer", marked.Images.Count), (result.Statistic, result.Combination, result.Images));
        Assert.Equal(vanilla.ClassNames, result.Classes.Select(c => c.Label));
        Assert.All(result.Classes, c => Assert.Equal(CosineTest.PValueOf(c.Cosine, 64), c.PValue));
        Assert.Equal(Stouffer.Combine([.. result.Classes.Select(c => c.PValue)]), result.PValue);
        Assert.Equal(
            new SideResult("displacement", "fisher", Fisher.Combine([.. result.Classes.Select(c => c.PValue)])),
            Assert.Single(result.Others)
        );
        Assert.Equal((999, true), (result.RankCheck.Sets, result.RankCheck.Agrees));
    }

    [Fact]
    public void WithOriginals_MarkedImages_ReportsTheDisplacementThatMarkingReported()
    {
        var recorded = Manifest.Load(folder.File("marked.manifest.json")).Images.Average(image => image.Displacement);
        Assert.Equal(recorded, WithOriginals(key, marked).MeanDisplacement!.Value, 1e-4);
    }

    [Fact]
    public void WithReference_MarkedImages_SaysWhatWasTested()
    {
        var seen = new List<StageProgress>();
        var result = ImageTest.WithReference(key, network, marked, vanilla, new Callback(seen.Add), TestContext.Current.CancellationToken);
        Assert.Equal(("deviation", "stouffer"), (result.Statistic, result.Combination));
        Assert.Null(result.MeanDisplacement);
        Assert.Equal(
            [new StageProgress("reference images", 90, 90), new StageProgress("suspect images", marked.Images.Count, marked.Images.Count)],
            seen
        );
    }

    [Fact]
    public void WithReference_ImagesOfUnknownClass_TriesAllClasses()
    {
        var unlabelled = Unlabelled(OfClass1(marked));
        var result = ImageTest.WithReference(key, network, unlabelled, vanilla);
        Assert.Equal(("sidak", 3), (result.Combination, result.Classes.Count));
        Assert.Empty(result.Others);
        Assert.Equal(Combination.Combine("sidak", [.. result.Classes.Select(c => c.PValue)]), result.PValue);
        Assert.Equal("class1", result.Classes.MinBy(c => c.PValue)!.Label);
    }

    [Fact]
    public void Run_KeyOfOtherDimension_IsRefused()
    {
        const string Message = "--key: expected dimension 64 of the marking network's features, found 32";
        var small = CarrierKey.FromSeed(3, 32, 1);
        Assert.Equal(Message, Assert.Throws<IsotopeException>(() => WithOriginals(small, marked)).Message);
        Assert.Equal(Message, Assert.Throws<IsotopeException>(() => ImageTest.WithReference(small, network, marked, vanilla)).Message);
    }

    [Fact]
    public void WithOriginals_ImagesOfOneClass_TestsItAlone()
    {
        var (suspects, originals) = SuspectImages.Pair(OfClass1(marked), vanilla);
        var seen = new List<StageProgress>();
        var result = ImageTest.WithOriginals(
            key,
            network,
            suspects,
            originals,
            new Callback(seen.Add),
            TestContext.Current.CancellationToken
        );
        Assert.Equal("class1", Assert.Single(result.Classes).Label);
        Assert.Equal([new StageProgress("suspect images", 12, 12), new StageProgress("originals", 12, 12)], seen);
        Assert.Null(ImageTest.WithOriginals(key, network, Unlabelled(suspects), originals).MeanDisplacement);
    }

    [Fact]
    public void WithReference_ReferenceOfOtherClasses_IsRefused() =>
        Assert.Contains(
            "expected 3 classes, found 2",
            Assert
                .Throws<IsotopeException>(() => ImageTest.WithReference(key, network, marked, vanilla with { ClassNames = ["a", "b"] }))
                .Message
        );

    [Fact]
    public void Test_RowThatIsNotFinite_IsRefused() =>
        Assert.Equal(
            "marking network: expected finite features of class class0, found others",
            Assert
                .Throws<IsotopeException>(() =>
                    ImageTest.Test(
                        key,
                        "x",
                        [.. Enumerable.Range(0, 3).Select(_ => Enumerable.Repeat(double.NaN, 64).ToArray())],
                        marked,
                        rankSets: 1
                    )
                )
                .Message
        );

    [Fact]
    public void Pair_FlatFolder_TakesTheOriginalsLabelAndNamesWhatIsMissing()
    {
        var flat = Directory.CreateDirectory(folder.File("flat")).FullName;
        File.Copy(Path.Combine(vanilla.Root, "class1", "10.png"), Path.Combine(flat, "10.png"));
        var suspects = SuspectImages.Open(flat, vanilla.ClassNames, "class1");
        Assert.Equal("class1/10.png", SuspectImages.Pair(suspects, vanilla).Originals.Images[0].Id);
        Assert.Equal($"{flat}/10.png: expected one original of this name or looks in {vanilla.Root}, found 3", Refused(null));
        Assert.Equal("--label: expected a class of the key (class0, class1, class2), found 'class7'", Refused("class7"));
        File.Move(Path.Combine(flat, "10.png"), Path.Combine(flat, "new.png"));
        Assert.Equal(
            "class1/10.png",
            SuspectImages.Pair(SuspectImages.Open(flat, vanilla.ClassNames, null), vanilla).Originals.Images[0].Id
        );
        File.WriteAllBytes(Path.Combine(flat, "new.png"), ImageCodec.EncodePng(Fixtures.Image(16, 16, 3, seed: 999)));
        Assert.Equal($"{flat}/new.png: expected one original of this name or looks in {vanilla.Root}, found 0", Refused(null));

        string Refused(string? label) =>
            Assert.Throws<IsotopeException>(() => SuspectImages.Pair(SuspectImages.Open(flat, vanilla.ClassNames, label), vanilla)).Message;
    }

    public void Dispose()
    {
        network.Dispose();
        folder.Dispose();
    }

    private static Dataset OfClass1(Dataset images) => images with { Images = [.. images.Images.Where(image => image.Label == 1)] };

    private static Dataset Unlabelled(Dataset images) =>
        images with
        {
            Images = [.. images.Images.Select(image => image with { Label = Dataset.Unlabelled })],
        };

    private static void AssertUniform(double[][] rows, Dataset suspects, string statistic) =>
        Uniformity.AssertUniform(
            Enumerable
                .Range(100, 1000)
                .Select(seed => ImageTest.Test(CarrierKey.FromSeed(3, 64, seed), statistic, rows, suspects, rankSets: 1).PValue),
            $"{statistic}, 1,000 keys"
        );

    private ImageTestResult WithOriginals(CarrierKey under, Dataset suspects)
    {
        var (images, originals) = SuspectImages.Pair(suspects, vanilla);
        return ImageTest.WithOriginals(under, network, images, originals);
    }
}
