using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using Isotope.Statistics;
using static TorchSharp.torch;

namespace Isotope.Tests.Detection;

public sealed class WhiteBoxTestTests
{
    [Fact]
    public void Run_KeyOfOtherSize_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var images = Fixtures.WriteFolder(folder.File("vanilla"));
        using var network = Fixtures.RandomNetwork();
        Assert.Equal(
            "--key: expected dimension 64 of the marking network's features, found 32",
            Assert.Throws<IsotopeException>(() => WhiteBoxTest.Run(CarrierKey.FromSeed(3, 32, 1), network, network, images)).Message
        );
        Assert.Equal(
            "--tested-network: expected 5 classes, as many as the key has carriers, found 3; give --images with the key's classes, "
                + "or --classes MAP",
            Assert.Throws<IsotopeException>(() => WhiteBoxTest.Run(CarrierKey.FromSeed(5, 64, 1), network, network, images)).Message
        );
    }

    [Theory]
    [InlineData(0, 999, "Probes: expected at least 1, found 0")]
    [InlineData(20_000, 0, "RankSets: expected 1 to 100000, found 0")]
    [InlineData(20_000, 100_001, "RankSets: expected 1 to 100000, found 100001")]
    public void Run_OptionOutOfRange_IsRefusedBeforeAnyWork(int probes, int rankSets, string message)
    {
        using var folder = new TemporaryFolder();
        using var network = Fixtures.RandomNetwork();
        var keyOfOtherSize = CarrierKey.FromSeed(3, 32, 1);
        var options = new WhiteBoxOptions { Probes = probes, RankSets = rankSets };
        Assert.Equal(
            message,
            Assert
                .Throws<IsotopeException>(() =>
                    WhiteBoxTest.Run(keyOfOtherSize, network, network, Fixtures.WriteFolder(folder.File("vanilla")), options)
                )
                .Message
        );
    }

    [Fact]
    public void Run_ImageThatTheManifestNames_IsRefusedWhereverItLiesAndHoweverItIsEncoded()
    {
        using var folder = new TemporaryFolder();
        var images = Fixtures.WriteFolder(folder.File("elsewhere"));
        using var network = Fixtures.RandomNetwork();
        var key = CarrierKey.FromSeed(3, 64, 1);
        var pixels = images.Images[6].Source.Decode();
        var marked = new MarkedImage("class1/2.png", "class1/2.png", "class1", 42, 3, 0.1, "", "of another encoding", pixels.Sha256());
        var manifest = new Manifest(new JsonObject { [Manifest.KeyCommitment] = key.Commitment }, [marked]);
        var error = Assert.Throws<IsotopeException>(() => WhiteBoxTest.Run(key, network, network, images, manifest: manifest));
        Assert.Contains(images.Images[6].Source.Name, error.Message);
    }

    [Fact]
    public void Run_ManifestOfAnotherKey_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var images = Fixtures.WriteFolder(folder.File("vanilla"));
        using var network = Fixtures.RandomNetwork();
        var manifest = new Manifest(new JsonObject { [Manifest.KeyCommitment] = CarrierKey.FromSeed(3, 64, 2).Commitment }, []);
        var error = Assert.Throws<IsotopeException>(() =>
            WhiteBoxTest.Run(CarrierKey.FromSeed(3, 64, 1), network, network, images, manifest: manifest)
        );
        Assert.Equal("--manifest: expected the manifest of what this key has marked, found another key's", error.Message);
    }

    [Fact]
    public void Run_ManifestOfTwins_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var images = Fixtures.WriteFolder(folder.File("vanilla"));
        using var network = Fixtures.RandomNetwork();
        var key = CarrierKey.FromSeed(3, 64, 1);
        var manifest = new Manifest(new JsonObject { [Manifest.KeyCommitment] = key.Commitment, [Manifest.UnitSetting] = "image" }, []);
        Assert.Equal(
            "--manifest: expected marks of classes, found twins, whose directions are each image's own; detect black-box tests them",
            Assert.Throws<IsotopeException>(() => WhiteBoxTest.Run(key, network, network, images, manifest: manifest)).Message
        );
    }

    [Fact]
    public void Run_WithoutReference_IsThePapersTestAndSaysWhatItWasMadeOf()
    {
        using var folder = new TemporaryFolder();
        var images = Fixtures.WriteFolder(folder.File("vanilla"), perClass: 60);
        using var marking = Fixtures.RandomNetwork(4);
        using var tested = Fixtures.RandomNetwork(3, seed: 2);
        var key = CarrierKey.FromSeed(3, 64, 1);
        var manifest = new Manifest(new JsonObject { [Manifest.KeyCommitment] = key.Commitment }, []);
        var seen = new List<StageProgress>();
        var result = WhiteBoxTest.Run(
            key,
            marking,
            tested,
            images,
            new() { RankSets = 50 },
            manifest,
            new Callback(seen.Add),
            TestContext.Current.CancellationToken
        );
        seen.RemoveAll(progress => progress.Stage == "classes");
        Assert.Equal([new StageProgress("aligning", 128, 180), new StageProgress("aligning", 180, 180)], seen);
        Assert.Equal(("paper", "fisher", 50), (result.Statistic, result.Combination, result.RankCheck!.Sets));
        Assert.Equal(["paper stouffer"], result.Others.Select(other => $"{other.Statistic} {other.Combination}"));
        Assert.Equal((180, true, 0), (result.Alignment.Images, result.Alignment.ManifestChecked, result.Alignment.LeftOut));
        Assert.Equal(["class0", "class1", "class2"], result.Classes.Select(c => c.Label));
        Assert.Equal(Fisher.Combine([.. result.Classes.Select(c => c.PValue)]), result.PValue);
        Assert.Equal(Stouffer.Combine([.. result.Classes.Select(c => c.PValue)]), result.Others[0].PValue);
        Assert.All(result.Classes, c => Assert.Equal(CosineTest.PValueOf(c.Cosine, 64), c.PValue));
        Assert.False(WhiteBoxTest.Run(key, marking, tested, images, new() { RankSets = 1 }).Alignment.ManifestChecked);
    }

    [Fact]
    public void Compute_ClassifierOnTheMarkingNetworksOwnFeatures_IsItsWeight()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var images = Fixtures.WriteFolder(folder.File("vanilla"), perClass: 100);
        using var marking = Fixtures.RandomNetwork(3);
        using var tested = Fixtures.RandomNetwork(3);
        using (no_grad())
            tested.Weight.copy_(randn([3, 64], generator: new Generator(1)));
        var aligned = AlignedClassifier.Compute(marking, tested, images);
        // What does not vary between images is not in the map: rows are compared by what they give on images.
        var features = marking
            .CentreFeatures(Views.ToTensors([.. images.Images.Select(image => image.Source.Decode())], marking.Device))
            .to(float64);
        var expected = features.matmul(tested.Weight.to(float64).t());
        var actual = features.matmul(stack([.. aligned.Rows.Select(row => tensor(row))]).t());
        Assert.True((expected - actual).abs().max().item<double>() < 1e-3 * expected.abs().max().item<double>());
        Assert.Equal(1, aligned.RSquared, 1e-6);
        Assert.Equal((300, 1e-10), (aligned.Images, aligned.Ridge));
        Assert.Equal(images.ClassNames, aligned.Labels);
        using var more = Fixtures.RandomNetwork(5);
        Assert.Equal(["0", "1", "2", "3", "4"], AlignedClassifier.Compute(marking, more, images).Labels);
    }

    [Theory]
    [InlineData(new double[] { 3, 4 }, new float[] { 1, 0 }, 0.6)]
    [InlineData(new double[] { 3, 4 }, new float[] { 0, 2 }, 0.8)]
    [InlineData(new double[] { 1, 1 }, new float[] { -3, -3 }, -1)]
    public void Cosine_OfARowAndACarrier_IsTheirAngles(double[] row, float[] carrier, double cosine) =>
        Assert.Equal(cosine, DirectionTest.Cosine(row, carrier), 1e-12);

    [Fact]
    public void Test_RowsTowardsTheCarriers_AreDetectedAndOthersNot()
    {
        using var scope = NewDisposeScope();
        var key = CarrierKey.FromSeed(10, 64, 4);
        manual_seed(6);
        var noise = randn([10, 64], float64).Over(8);
        Assert.True(Test(key, noise.Plus(key.ToTensor().to(float64).Times(0.5))).Log10 < -10);
        Assert.True(Test(key, noise).Log10 > -2);
    }

    [Fact]
    public void Test_RandomCarriersAgainstARealClassifier_GivesUniformPValues()
    {
        using var scope = NewDisposeScope();
        using var network = Network.Load(Repository.Demo("marker.safetensors"));
        var rows = network.Weight.detach().to(float64);
        Uniformity.AssertUniform(
            Enumerable.Range(0, 2000).Select(seed => Test(CarrierKey.FromSeed(10, 64, seed), rows)),
            "2,000 keys, seeds 0 to 1999"
        );
    }

    [Fact]
    public void Test_ClassWithoutDirection_IsRefused()
    {
        using var scope = NewDisposeScope();
        var rows = ones([3, 8], float64);
        rows[1] = 0;
        var error = Assert.Throws<IsotopeException>(() => Test(CarrierKey.FromSeed(3, 8, 1), rows));
        Assert.Equal(
            "tested network: expected a classifier row with a direction for class 1, found none (zero or not finite)",
            error.Message
        );
    }

    private static PValue Test(CarrierKey key, Tensor rows)
    {
        double[][] directions = [.. rows.unbind().Select(row => row.data<double>().ToArray())];
        var aligned = new AlignedClassifier(
            directions,
            [.. Enumerable.Range(0, key.Classes).Select(i => $"{i}")],
            Images: 0,
            Ridge: 0,
            RSquared: 1
        );
        return WhiteBoxTest.Test(key, aligned, manifestChecked: false).PValue;
    }
}
