using Isotope.Detection;
using Isotope.Numerics;
using Isotope.Statistics;

namespace Isotope.Tests.Detection;

public sealed class FixedFeaturePowerTests
{
    private static readonly PValue Level = new(-4);

    [Fact]
    public void At_NoMark_IsTheNull()
    {
        var law = Power().At(0);
        Assert.Equal((0.5, 1e-4), (Math.Round(law.MedianPValue.Value, 12), Math.Round(law.Power(Level), 12)));
    }

    [Fact]
    public void At_TwoClasses_IsTheFormulaOfTheRemarks()
    {
        var power = new FixedFeaturePower([3, 3], 64, 1.5, MeanPrecision: 2, MeanSquaredPrecision: 9);
        var growth = 0.2 * 1.5 / (1 + 0.2 * 0.8 * 1.5 * 1.5 * 2 / 2);
        Assert.Equal(Math.Sqrt(2) * 8 * 0.5 * growth * 2 / Math.Sqrt(9 + 0.5 * growth * growth * 9), power.At(0.2).Shift, 1e-12);
    }

    [Fact]
    public void SmallestFraction_OfAPower_IsWhereItIsReached()
    {
        var fraction = Power().SmallestFraction(Level, 0.9);
        Assert.InRange(fraction, 0.01, 0.99);
        Assert.True(Power().At(fraction).Power(Level) >= 0.9);
        Assert.True(Power().At(fraction - 0.001).Power(Level) < 0.9);
        Assert.Equal(double.PositiveInfinity, (Power() with { Displacement = 1e-6 }).SmallestFraction(Level, 0.9));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    public void At_ClassifiersThatTheTheoryDescribes_IsTheMeanOfSimulatedScores(int classes)
    {
        // wᵢ + qδΣ⁻¹(uᵢ − ū) for a diagonal precision and random carriers, tested by cosines and Stouffer's sum.
        const int dimension = 64;
        const int runs = 1000;
        double[] precision = [.. Enumerable.Range(0, dimension).Select(k => 0.2 + 0.1 * (k % 8))];
        var power = new FixedFeaturePower(
            [.. Enumerable.Repeat(3.0, classes)],
            dimension,
            1.5,
            precision.Average(),
            precision.Average(p => p * p)
        );
        var growth = 0.5 * 1.5 / (1 + 0.25 * 1.5 * 1.5 * power.MeanPrecision / classes);
        var random = new RandomStream(5, "simulation");
        var scores = Enumerable.Range(0, runs).Select(_ => Score()).ToArray();
        Assert.Equal(power.At(0.5).Shift, scores.Average(), 4 / Math.Sqrt(runs));
        Assert.InRange(scores.Select(score => Math.Pow(score - scores.Average(), 2)).Average(), 0.75, 1.25);

        double Score()
        {
            double[][] carriers = [.. Enumerable.Range(0, classes).Select(_ => Direction())];
            double[] mean = [.. Enumerable.Range(0, dimension).Select(k => carriers.Average(carrier => carrier[k]))];
            return Math.Sqrt((double)dimension / classes) * carriers.Sum(carrier => Cosine(carrier, mean));
        }

        double Cosine(double[] carrier, double[] mean)
        {
            double[] grown = [.. Direction().Select((w, k) => 3 * w + growth * precision[k] * (carrier[k] - mean[k]))];
            return grown.Zip(carrier, (w, u) => w * u).Sum() / Math.Sqrt(grown.Sum(w => w * w));
        }

        double[] Direction()
        {
            double[] gaussian = [.. Enumerable.Range(0, dimension).Select(_ => random.NextGaussian())];
            var norm = Math.Sqrt(gaussian.Sum(x => x * x));
            return [.. gaussian.Select(x => x / norm)];
        }
    }

    [Fact]
    public void Detectable_LevelAndPower_IsTheSumOfTheirQuantiles()
    {
        var shift = ShiftedNormal.Detectable(Level, 0.9);
        Assert.Equal(3.719016 + 1.281552, shift.Shift, 1e-5);
        Assert.Equal(0.9, shift.Power(Level), 1e-12);
        Assert.Equal(shift.Shift, ShiftedNormal.Between(PValue.FromValue(0.5), shift.MedianPValue).Shift, 1e-9);
    }

    private static FixedFeaturePower Power() => new([3, 4, 5], 64, 1.5, 2, 9);
}
