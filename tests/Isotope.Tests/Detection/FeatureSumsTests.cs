using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Tests.Detection;

/// <summary>Sums over batches, compared with sums over all images at once.</summary>
public sealed class FeatureSumsTests : IDisposable
{
    private const int Classes = 3;
    private readonly TemporaryFolder folder = new();
    private readonly TorchNetwork network = Fixtures.RandomNetwork();
    private readonly Dataset images;
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();
    private readonly Tensor features;
    private readonly Tensor labels;

    public FeatureSumsTests()
    {
        var dataset = Fixtures.WriteFolder(folder.File("a"), Classes, perClass: 50);
        images = dataset with
        {
            Images = [.. dataset.Images.Select((image, i) => i % 7 == 0 ? image with { Label = Dataset.Unlabelled } : image)],
        };
        features = network
            .CentreFeatures(Views.ToTensors([.. images.Images.Select(image => image.Source.Decode())], network.Device))
            .to(float64);
        labels = tensor(images.Images.Select(image => image.Label == Dataset.Unlabelled ? (long)Classes : image.Label).ToArray());
    }

    [Fact]
    public void Of_ImagesWithAndWithoutLabels_IsTheSumsAndCountsOfEach()
    {
        var seen = new List<StageProgress>();
        var sums = FeatureSums.Of(network, images, Classes, "looking", new Callback(seen.Add), TestContext.Current.CancellationToken);
        for (var label = 0; label <= Classes; label++)
        {
            var own = features[labels.Is(label)];
            AssertClose(own.sum(dim: 0), sums.Sums[label]);
            AssertClose(own.mean([0]), sums.Means()[label]);
            Assert.Equal(own.shape[0], sums.Counts[label].item<double>());
        }

        AssertClose(features.t().matmul(features), sums.Gram);
        Assert.Equal([new StageProgress("looking", 128, 150), new StageProgress("looking", 150, 150)], seen);
    }

    [Fact]
    public void Means_OfNoImages_AreZero()
    {
        var sums = FeatureSums.Of(
            network,
            images with
            {
                Images = [.. images.Images.Where(image => image.Label == 1)],
            },
            Classes,
            "x",
            null,
            TestContext.Current.CancellationToken
        );
        Assert.Equal(0, sums.Means()[0].abs().max().item<double>());
    }

    [Fact]
    public void Precision_IsTheInverseOfTheShrunkCovarianceWithinClasses()
    {
        var sums = FeatureSums.Of(network, images, Classes, "x", null, TestContext.Current.CancellationToken);
        var (count, dimension) = (features.shape[0], features.shape[1]);
        var centred = features - stack([.. Enumerable.Range(0, Classes + 1).Select(label => features[labels.Is(label)].mean([0]))])[labels];
        var covariance = centred.t().matmul(centred).Over(count);
        var shrunk = covariance.Plus(eye(dimension, dtype: float64) * covariance.trace().Times((double)dimension / count).Over(dimension));
        AssertClose(eye(dimension, dtype: float64), sums.Precision().matmul(shrunk));
    }

    [Fact]
    public void Predict_OfVanillaImages_IsWhatItsDefinitionSays()
    {
        var dataset = Dataset.Open(folder.File("a"));
        var power = FixedFeaturePower.Predict(network, dataset, displacement: 1.5);
        var sums = FeatureSums.Of(network, dataset, Classes, "x", null, TestContext.Current.CancellationToken);
        var means = stack([.. Enumerable.Range(0, Classes).Select(label => sums.Means()[label])]);
        var precision = sums.Precision();
        var rows = (means - means.mean([0], keepdim: true)).matmul(precision);
        Assert.Equal((64, 1.5), (power.Dimension, power.Displacement));
        Assert.Equal(rows.Squared().sum(dim: 1).sqrt().data<double>().ToArray(), power.RowNorms, (a, b) => Math.Abs(a - b) < 1e-9 * a);
        Assert.Equal(precision.diag().mean().item<double>(), power.MeanPrecision, 1e-9);
        Assert.Equal(
            precision.matmul(precision).diag().mean().item<double>(),
            power.MeanSquaredPrecision,
            1e-9 * power.MeanSquaredPrecision
        );
    }

    public void Dispose()
    {
        scope.Dispose();
        network.Dispose();
        folder.Dispose();
    }

    private static void AssertClose(Tensor expected, Tensor actual) =>
        Assert.True((expected - actual).abs().max().item<double>() <= 1e-6 * (1 + expected.abs().max().item<double>()));
}
