using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Tests.Detection;

/// <summary>The response statistic: exact for models that never saw a carrier, powerful for one that responds to carriers.</summary>
public sealed class FeatureResponseTests : IDisposable
{
    private const int Classes = 10;
    private const int Keys = 2000;
    private readonly TemporaryFolder folder = new();
    private readonly TorchNetwork marking = Fixtures.RandomNetwork(Classes);
    private readonly Dataset images;

    public FeatureResponseTests() => images = Fixtures.WriteFolder(folder.File("vanilla"), Classes, perClass: 10);

    [Fact]
    public void Residual_UnmarkedModelUnderFreshKeys_GivesUniformPValues()
    {
        using var tested = Fixtures.RandomNetwork(Classes, seed: 2);
        using var reference = Fixtures.RandomNetwork(Classes, seed: 3);
        var response = FeatureResponse.Residual(marking, tested, [reference], images, probes: 500);
        var aligned = new AlignedClassifier(
            response,
            [.. Enumerable.Range(0, Classes).Select(i => $"{i}")],
            Images: 0,
            Ridge: 0,
            RSquared: 1
        );
        var results = Enumerable
            .Range(0, Keys)
            .Select(seed => WhiteBoxTest.Test(CarrierKey.FromSeed(Classes, 64, seed), aligned, manifestChecked: true, response))
            .ToArray();
        Uniformity.AssertUniform(results.Select(result => result.PValue), "response, Stouffer");
        Assert.InRange(results.Count(result => result.PValue.Log10 < -2), 4, 40);
    }

    [Fact]
    public void Run_ClassifierTowardsTheCarriers_IsDetectedAndItsControlIsNot()
    {
        var key = CarrierKey.FromSeed(Classes, 64, 5);
        using var control = Fixtures.RandomNetwork(Classes);
        using var marked = Fixtures.RandomNetwork(Classes);
        using var reference = Fixtures.RandomNetwork(Classes);
        using (no_grad())
        {
            control.Weight.AddInPlace(randn([Classes, 64], generator: new Generator(7)).Times(0.3).Over(8));
            marked.Weight.AddInPlace(key.ToTensor());
        }

        var options = new WhiteBoxOptions { References = [reference], Probes = 1000 };
        var found = WhiteBoxTest.Run(key, marking, marked, images, options);
        var notFound = WhiteBoxTest.Run(key, marking, control, images, options);
        Assert.Equal(("response", "stouffer"), (found.Statistic, found.Combination));
        Assert.True(found.PValue.Log10 < -4, $"marked: {found.PValue}");
        Assert.True(notFound.PValue.Log10 > -3, $"control: {notFound.PValue}");
        Assert.Equal(
            ["response fisher", "paper fisher", "paper stouffer"],
            found.Others.Select(other => $"{other.Statistic} {other.Combination}")
        );
    }

    [Fact]
    public void Run_RankCheck_IsOfTheResponseThatCounts()
    {
        var key = CarrierKey.FromSeed(Classes, 64, 5);
        using var tested = Fixtures.RandomNetwork(Classes, seed: 2);
        var result = WhiteBoxTest.Run(
            key,
            marking,
            tested,
            images,
            new()
            {
                References = [marking],
                Probes = 500,
                RankSets = 200,
            }
        );
        var response = FeatureResponse.Residual(marking, tested, [marking], images, probes: 500);
        var aligned = AlignedClassifier.Compute(marking, tested, images);
        var expected = RankCheck.Run(
            key,
            result.PValue,
            other => WhiteBoxTest.Test(other, aligned, manifestChecked: false, response).PValue,
            sets: 200
        );
        Assert.Equal(expected.AtLeastAsExtreme, result.RankCheck!.AtLeastAsExtreme);
        Assert.Equal(expected.Uniformity.Log10, result.RankCheck.Uniformity.Log10, 1e-6);
    }

    [Fact]
    public void Residual_ReferenceThatIsTheSuspect_IsRefused()
    {
        var error = Assert.Throws<IsotopeException>(() => FeatureResponse.Residual(marking, marking, [marking], images, probes: 100));
        Assert.Equal("--reference-network: expected another model than the suspect, found one that answers alike", error.Message);
    }

    [Fact]
    public void Residual_ReferenceOfOtherClasses_IsRefused()
    {
        using var reference = Fixtures.RandomNetwork(3);
        Assert.Equal(
            "--reference-network: expected 10 classes, as many as the suspect model has, found 3",
            Assert.Throws<IsotopeException>(() => FeatureResponse.Residual(marking, marking, [reference], images)).Message
        );
    }

    [Theory]
    [InlineData(0, "Probes: expected at least 1, found 0")]
    [InlineData(9, "--images: expected at least 10 vanilla images to align the networks on, found 9")]
    public void Residual_TooFewProbes_IsRefused(int probes, string message)
    {
        using var tested = Fixtures.RandomNetwork(Classes, seed: 2);
        Assert.Equal(
            message,
            Assert.Throws<IsotopeException>(() => FeatureResponse.Residual(marking, tested, [marking], images, probes)).Message
        );
    }

    /// <summary>Probes are spread over the images, 64 at a time, in whole rounds, at most 20 per image; each step is reported.</summary>
    [Theory]
    [InlineData(10, 10, 10)]
    [InlineData(99, 64, 99)]
    [InlineData(100, 64, 100)]
    [InlineData(101, 64, 200)]
    [InlineData(5000, 64, 2000)]
    public void Residual_OfProbes_AsksSoOften(int probes, int first, int total)
    {
        var seen = new List<StageProgress>();
        using var tested = Fixtures.RandomNetwork(Classes, seed: 2);
        FeatureResponse.Residual(marking, tested, [marking], images, probes, new Callback(seen.Add), TestContext.Current.CancellationToken);
        Assert.Equal((new StageProgress("probing", first, total), new StageProgress("probing", total, total)), (seen[0], seen[^1]));
    }

    [Fact]
    public void Residual_OfModels_IsTheDifferenceOfUnitDirectionsFromTheReferencesMean()
    {
        using var tested = Fixtures.RandomNetwork(Classes, seed: 2);
        using var one = Fixtures.RandomNetwork(Classes, seed: 3);
        using var two = Fixtures.RandomNetwork(Classes, seed: 4);
        var againstOne = Of(one);
        var againstTwo = Of(two);
        var againstBoth = Of(one, two);
        for (var label = 0; label < Classes; label++)
        {
            Assert.Equal(
                againstOne[label].Zip(againstTwo[label], (a, b) => (a + b) / 2),
                againstBoth[label],
                (a, b) => Math.Abs(a - b) < 1e-9
            );
            // u − v of unit vectors is at most 2 long.
            Assert.InRange(Math.Sqrt(againstOne[label].Sum(x => x * x)), 0.1, 2);
        }

        double[][] Of(params Network[] references) => [.. FeatureResponse.Residual(marking, tested, references, images, probes: 200)];
    }

    /// <summary>The definition written out, one image at a time.</summary>
    [Fact]
    public void Residual_OfModels_IsWhatItsDefinitionSays()
    {
        using var scope = NewDisposeScope();
        using var tested = Fixtures.RandomNetwork(Classes, seed: 2);
        using var reference = Fixtures.RandomNetwork(Classes, seed: 3);
        var response = FeatureResponse.Residual(marking, tested, [reference], images, probes: 200);
        List<Tensor> directions = [];
        List<Tensor> ofTested = [];
        List<Tensor> ofReference = [];
        foreach (var (image, round) in images.Images.SelectMany(image => new[] { (image, 0), (image, 1) }))
        {
            var z = new float[64];
            new RandomStream(seed: 0, $"probe {round} {image.Id}").FillDirection(z);
            var pixels = Views.ToTensors([image.Source.Decode()], marking.Device)[0].requires_grad_(true);
            marking.Features(marking.CentreViews([pixels])).matmul(tensor(z)).sum().backward();
            var move = (pixels.grad!.Times(2) / pixels.grad!.Squared().mean().sqrt()).detach();
            directions.Add(tensor(z).to(float64));
            ofTested.Add(Difference(tested, pixels.detach(), move));
            ofReference.Add(Difference(reference, pixels.detach(), move));
        }

        var expected = Directions(ofTested) - Directions(ofReference);
        for (var label = 0; label < Classes; label++)
            Assert.Equal(expected[label].data<double>().ToArray(), response[label], (a, b) => Math.Abs(a - b) < 1e-3);

        static Tensor Difference(Network model, Tensor pixels, Tensor move)
        {
            using var noGradient = no_grad();
            var scores = model.Logits(model.CentreViews([pixels.Plus(move)])) - model.Logits(model.CentreViews([pixels - move]));
            return (scores - scores.mean()).to(float64)[0];
        }

        Tensor Directions(List<Tensor> scores)
        {
            var map = linalg.lstsq(stack(directions), stack(scores)).Solution.t();
            return map / map.norm(dim: 1, keepdim: true);
        }
    }

    [Fact]
    public void Residual_ScoresShiftedAlikeForAllClasses_IsTheSame()
    {
        using var tested = Fixtures.RandomNetwork(Classes, seed: 2);
        using var shifted = Fixtures.RandomNetwork(Classes, seed: 2);
        using (no_grad())
            shifted.Weight.AddInPlace(randn([1, 64], generator: new Generator(1)));
        var (expected, actual) = (Of(tested), Of(shifted));
        for (var label = 0; label < Classes; label++)
            Assert.Equal(expected[label], actual[label], (a, b) => Math.Abs(a - b) < 1e-3);

        double[][] Of(Network suspect) => [.. FeatureResponse.Residual(marking, suspect, [marking], images, probes: 200)];
    }

    [Fact]
    public void Residual_ModelWhoseScoresDoNotAnswer_IsRefused()
    {
        using var tested = Fixtures.RandomNetwork(Classes, seed: 2);
        using (no_grad())
            tested.Weight.zero_();
        Assert.Equal(
            "tested network: expected output that varies between images, found a constant one",
            Assert.Throws<IsotopeException>(() => FeatureResponse.Residual(marking, tested, [marking], images, probes: 100)).Message
        );
    }

    public void Dispose()
    {
        marking.Dispose();
        folder.Dispose();
    }
}
