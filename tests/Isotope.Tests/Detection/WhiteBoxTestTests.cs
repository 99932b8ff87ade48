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
    public void Solve_LinearlyRelatedFeatures_RecoversTheMap()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var map = randn([7, 5], float64);
        using var alignment = new LeastSquaresAlignment(5, 7);
        for (var batch = 0; batch < 4; batch++)
        {
            var features = randn([30, 5], float64);
            alignment.Add(features, features.matmul(map.t()));
        }

        var solved = alignment.Solve();
        Assert.True((solved - map).abs().max().item<double>() < 1e-7);
        Assert.Equal(1, alignment.RSquared(solved), 1e-9);
        Assert.Equal(120, alignment.Images);
    }

    [Fact]
    public void Solve_UnrelatedFeatures_ExplainsNearlyNothing()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var alignment = new LeastSquaresAlignment(5, 7);
        alignment.Add(randn([2000, 5]), randn([2000, 7]));
        using var map = alignment.Solve();
        Assert.InRange(alignment.RSquared(map), 0, 0.05);
    }

    [Fact]
    public void RSquared_FeaturesWithAMean_IsOneMinusResidualOverVariance()
    {
        using var scope = NewDisposeScope();
        manual_seed(8);
        var marking = rand([500, 5], float64) + 2;
        var tested = marking.matmul(randn([5, 7], float64)) + randn([500, 7], float64);
        using var alignment = new LeastSquaresAlignment(5, 7);
        foreach (var (a, b) in marking.chunk(3).Zip(tested.chunk(3))) alignment.Add(a, b);
        var map = alignment.Solve();
        var residual = (tested - marking.matmul(map.t())).square().sum().item<double>();
        var variance = (tested - tested.mean([0], keepdim: true)).square().sum().item<double>();
        Assert.Equal(1 - residual / variance, alignment.RSquared(map), 1e-9);
    }

    [Fact]
    public void Solve_DeadFeature_IsIgnored()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var features = randn([50, 3], float64);
        features[TensorIndex.Colon, 1] = 0;
        using var alignment = new LeastSquaresAlignment(3, 3);
        alignment.Add(features, features);
        var map = alignment.Solve();
        Assert.True((map.diag() - tensor(new double[] { 1, 0, 1 })).abs().max().item<double>() < 1e-6);
    }

    [Fact]
    public void Run_FewerImagesThanDimensions_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var images = Fixtures.WriteFolder(folder.File("vanilla"));
        using var network = Fixtures.RandomNetwork();
        var error = Assert.Throws<IsotopeException>(() => WhiteBoxTest.Run(CarrierKey.FromSeed(3, 64, 1), network, network, images));
        Assert.Contains("at least 64 vanilla images", error.Message);
    }

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
        var pixels = ImageCodec.Decode(images.Images[6].Path);
        var marked = new MarkedImage("class1/2.png", "class1/2.png", "class1", 42, 3, 0.1, "", "of another encoding", Hashes.OfPixels(pixels));
        var manifest = new Manifest(new JsonObject { [Manifest.KeyCommitment] = key.Commitment }, [marked]);
        var error = Assert.Throws<IsotopeException>(() => WhiteBoxTest.Run(key, network, network, images, manifest: manifest));
        Assert.Contains(images.Images[6].Path, error.Message);
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
        Isotope.Tests.Statistics.Uniformity.AssertUniform(
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
        var aligned = new AlignedClassifier(directions, [.. Enumerable.Range(0, key.Classes).Select(i => $"{i}")], Images: 0, RSquared: 1);
        return WhiteBoxTest.Test(key, aligned, manifestChecked: false).PValue;
    }
}
