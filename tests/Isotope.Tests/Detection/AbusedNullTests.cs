using System.Globalization;
using Isotope.Carriers;
using Isotope.Detection;
using Isotope.Evidence;
using Isotope.Numerics;
using Isotope.Statistics;
using static TorchSharp.torch;

namespace Isotope.Tests.Detection;

/// <summary>
/// What the detector refuses, and how wrong the p-value would otherwise be, each with its control: the figures of docs/reliability.md.
/// </summary>
public sealed class AbusedNullTests
{
    private const int Classes = 10;
    private const int Dimension = 64;
    private const int Models = 200;

    [Fact]
    public void KeysMadeAfterTheModel_TheBestOfAHundred_WouldSeemAProof()
    {
        const int keys = 100;
        var first = new PValue[Models];
        var best = new PValue[Models];
        for (var model = 0; model < Models; model++)
        {
            using var scope = NewDisposeScope();
            var aligned = Aligned(randn([Classes, Dimension], float64, generator: new Generator((ulong)model)));
            var seeds = Enumerable.Range(1_000_000 + model * keys, keys);
            PValue[] all = [.. seeds.Select(seed => PValueOf(CarrierKey.ForCalibration(Classes, Dimension, seed), aligned))];
            first[model] = all[0];
            best[model] = all.MinBy(p => p.Log10);
        }

        Report("keys made after the model", first, best);
        Uniformity.AssertUniform(first, "a key fixed before");
        Assert.InRange(best.Count(p => p.Value <= 0.01), Models / 2, Models);
    }

    [Fact]
    public void CheckDates_KeyYoungerThanTheModel_IsRefused()
    {
        var key = CarrierKey.Create(2, 4);
        var made = key.Created!.Value;
        Assert.Contains(
            "expected a key made before the model",
            Assert.Throws<IsotopeException>(() => TestOutcome.CheckDates(key, made.AddDays(-1))).Message
        );
        TestOutcome.CheckDates(key, made);
        TestOutcome.CheckDates(key, modelDate: null);
        TestOutcome.CheckDates(CarrierKey.FromSeed(2, 4, 1), made.AddDays(-1));
    }

    [Fact]
    public void FewerImagesThanDimensions_WithoutRidge_WouldHideAMarkAndNeverFakeOne()
    {
        var plain = Tests(isMarked: true, ridge: 1e-10);
        var chosen = Tests(isMarked: true, ridge: null);
        var unmarked = Tests(isMarked: false, ridge: 1e-10);
        var control = Tests(isMarked: false, ridge: null);
        Report("48 images for 64 dimensions, unmarked: as tested, without ridge", control, unmarked);
        Report("48 images for 64 dimensions, marked: as tested, without ridge", chosen, plain);
        Uniformity.AssertUniform(unmarked, "without ridge");
        Uniformity.AssertUniform(control, "with the ridge that held-out images choose");
        Assert.True(Median(chosen) < Median(plain) - 1);

        static PValue[] Tests(bool isMarked, double? ridge) =>
            [.. Enumerable.Range(0, Models).Select(seed => FewImages(seed, isMarked, ridge))];
    }

    [Fact]
    public void ConstantFeatures_WhereWhatIsLeftIsRounding_WouldHideAMark()
    {
        using var scope = NewDisposeScope();
        var key = CarrierKey.FromSeed(Classes, Dimension, 1);
        var features = randn([500, Dimension], float64, generator: new Generator(1)).Times(1e-4).Plus(1000);
        var single = features.to(float32).to(float64);
        var suspect = features
            .matmul(key.ToTensor().to(float64).t())
            .Plus(randn([500, Classes], float64, generator: new Generator(2)).Times(0.05));
        using var refused = new LeastSquaresAlignment(Dimension, Classes);
        refused.Add(single, suspect);
        Assert.Contains("found constant ones", Assert.Throws<IsotopeException>(() => refused.Solve()).Message);
        using var sums = new AlignmentSums(Dimension, Classes);
        sums.Add(single, suspect);
        using var whole = new AlignmentSums(Dimension, Classes);
        whole.Add(features.Plus(-1000).Times(1e4), features.Plus(-1000).matmul(key.ToTensor().to(float64).t()).Times(1e4));
        var wrong = PValueOf(key, Aligned(sums.Solve(1e-10)));
        var right = PValueOf(key, Aligned(whole.Solve(1e-10)));
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"features constant but for rounding: log10 p {wrong.Log10:F1} where features that vary give {right.Log10:F1}"
        );
        Assert.True(right.Log10 < -100 && wrong.Log10 > -5);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void FeaturesThatAreNoNumbers_WouldGiveNone(double value)
    {
        using var scope = NewDisposeScope();
        var features = randn([100, Dimension], float64, generator: new Generator(3));
        features[7, 5] = value;
        using var alignment = new LeastSquaresAlignment(Dimension, Dimension);
        alignment.Add(features, randn([100, Dimension], float64, generator: new Generator(4)));
        Assert.Contains("expected finite numbers", Assert.Throws<IsotopeException>(() => alignment.Solve()).Message);
        var rows = ones([Classes, Dimension], float64);
        rows[3, 3] = value;
        Assert.Contains(
            "class 3",
            Assert.Throws<IsotopeException>(() => PValueOf(CarrierKey.FromSeed(Classes, Dimension, 1), Aligned(rows))).Message
        );
    }

    /// <summary>
    /// Tests a suspect whose classifier contains the carriers or not, aligned with noise on 48 images for 64 dimensions.
    /// </summary>
    private static PValue FewImages(int seed, bool isMarked, double? ridge)
    {
        const int images = 48;
        using var scope = NewDisposeScope();
        var key = CarrierKey.ForCalibration(Classes, Dimension, seed);
        var generator = new Generator((ulong)seed + 1_000_000);
        var spectrum = pow(10.0, linspace(0, -1.5, Dimension, float64));
        var features = randn([images, Dimension], float64, generator: generator) * spectrum;
        var rows = randn([Classes, Dimension], float64, generator: generator)
            .Over(8)
            .Plus(key.ToTensor().to(float64).Times(isMarked ? 1 : 0));
        var outputs = features.matmul(rows.t()).Plus(randn([images, Classes], float64, generator: generator).Times(0.1));
        if (ridge is { } plain)
        {
            using var sums = new AlignmentSums(Dimension, Classes);
            sums.Add(features, outputs);
            return PValueOf(key, Aligned(sums.Solve(plain)));
        }

        using var alignment = new LeastSquaresAlignment(Dimension, Classes);
        alignment.Add(features, outputs);
        return PValueOf(key, Aligned(alignment.Solve().Map));
    }

    private static AlignedClassifier Aligned(Tensor rows) =>
        new(AlignedClassifier.RowsOf(rows), [.. Enumerable.Range(0, Classes).Select(i => $"{i}")], 1000, 0, 1);

    private static PValue PValueOf(CarrierKey key, AlignedClassifier aligned) =>
        WhiteBoxTest.Test(key, aligned, manifestChecked: false).PValue;

    private static double Median(PValue[] values) => values.Select(p => p.Log10).Order().ElementAt(values.Length / 2);

    private static void Report(string what, PValue[] right, PValue[] wrong) =>
        TestContext.Current.TestOutputHelper!.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: median log10 p {Median(right):F1} against {Median(wrong):F1}; at most 1 %: "
                    + $"{right.Count(p => p.Value <= 0.01)} against {wrong.Count(p => p.Value <= 0.01)} of {right.Length}"
            )
        );
}
