using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Tests.Detection;

/// <summary>The response statistic: exact for models that never saw a carrier, strong for one that answers to them.</summary>
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
        var aligned = new AlignedClassifier(response, [.. Enumerable.Range(0, Classes).Select(i => $"{i}")], Images: 0, Ridge: 0, RSquared: 1);
        var results = Enumerable.Range(0, Keys).Select(seed => WhiteBoxTest.Test(CarrierKey.FromSeed(Classes, 64, seed), aligned, manifestChecked: true, response)).ToArray();
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
            control.Weight.add_(0.3 * randn([Classes, 64], generator: new Generator(7)) / 8);
            marked.Weight.add_(key.ToTensor());
        }

        var options = new WhiteBoxOptions { References = [reference], Probes = 1000 };
        var found = WhiteBoxTest.Run(key, marking, marked, images, options);
        var notFound = WhiteBoxTest.Run(key, marking, control, images, options);
        Assert.Equal(("response", "stouffer"), (found.Statistic, found.Combination));
        Assert.True(found.PValue.Log10 < -4, $"marked: {found.PValue}");
        Assert.True(notFound.PValue.Log10 > -3, $"control: {notFound.PValue}");
        Assert.Equal(["response fisher", "paper fisher", "paper stouffer"], found.Others.Select(other => $"{other.Statistic} {other.Combination}"));
    }

    [Fact]
    public void Residual_ReferenceThatIsTheSuspect_IsRefused()
    {
        var error = Assert.Throws<IsotopeException>(() => FeatureResponse.Residual(marking, marking, [marking], images, probes: 100));
        Assert.Contains("expected another model than the suspect", error.Message);
    }

    [Fact]
    public void Residual_ReferenceOfOtherClasses_IsRefused()
    {
        using var reference = Fixtures.RandomNetwork(3);
        Assert.Contains("--reference-network: expected 10 classes", Assert.Throws<IsotopeException>(() => FeatureResponse.Residual(marking, marking, [reference], images)).Message);
    }

    public void Dispose()
    {
        marking.Dispose();
        folder.Dispose();
    }
}
