using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Networks;
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
        Assert.Contains("dimension 64", Assert.Throws<IsotopeException>(() => WhiteBoxTest.Run(CarrierKey.FromSeed(3, 32, 1), network, network, images)).Message);
        Assert.Contains("5 classes", Assert.Throws<IsotopeException>(() => WhiteBoxTest.Run(CarrierKey.FromSeed(5, 64, 1), network, network, images)).Message);
    }

    [Fact]
    public void Run_ImageThatTheManifestNames_IsRefusedWhereverItLiesAndHoweverItIsEncoded()
    {
        using var folder = new TemporaryFolder();
        var images = Fixtures.WriteFolder(folder.File("elsewhere"));
        using var network = Fixtures.RandomNetwork();
        var key = CarrierKey.FromSeed(3, 64, 1);
        var pixels = images.Images[6].Source.Decode();
        var marked = new MarkedImage("class1/2.png", "class1/2.png", "class1", 42, 3, 0.1, "", "of another encoding", Hashes.OfPixels(pixels));
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
        var error = Assert.Throws<IsotopeException>(() => WhiteBoxTest.Run(CarrierKey.FromSeed(3, 64, 1), network, network, images, manifest: manifest));
        Assert.Contains("another key's", error.Message);
    }

    [Fact]
    public void Test_RowsTowardsTheCarriers_AreDetectedAndOthersNot()
    {
        using var scope = NewDisposeScope();
        var key = CarrierKey.FromSeed(10, 64, 4);
        manual_seed(6);
        var noise = randn([10, 64], float64) / 8;
        Assert.True(Test(key, noise + 0.5 * key.ToTensor().to(float64)).Log10 < -10);
        Assert.True(Test(key, noise).Log10 > -2);
    }

    [Fact]
    public void Test_RandomCarriersAgainstARealClassifier_GivesUniformPValues()
    {
        using var scope = NewDisposeScope();
        using var network = Network.Load(Path.Combine(ArchitectureTests.RepositoryRoot(), "src", "Isotope.Cli", "Demo", "marker.safetensors"));
        var rows = network.Weight.detach().to(float64);
        Uniformity.AssertUniform(
            Enumerable.Range(0, 2000).Select(seed => Test(CarrierKey.FromSeed(10, 64, seed), rows)), "2,000 keys, seeds 0 to 1999");
    }

    [Fact]
    public void Test_ClassWithoutDirection_IsRefused()
    {
        using var scope = NewDisposeScope();
        var rows = ones([3, 8], float64);
        rows[1] = 0;
        var error = Assert.Throws<IsotopeException>(() => Test(CarrierKey.FromSeed(3, 8, 1), rows));
        Assert.Contains("class 1", error.Message);
    }

    private static PValue Test(CarrierKey key, Tensor rows)
    {
        double[][] directions = [.. rows.unbind().Select(row => row.data<double>().ToArray())];
        var aligned = new AlignedClassifier(directions, [.. Enumerable.Range(0, key.Classes).Select(i => $"{i}")], Images: 0, Ridge: 0, RSquared: 1);
        return WhiteBoxTest.Test(key, aligned, manifestChecked: false).PValue;
    }
}
