using CsCheck;
using Isotope.Analysis;
using Isotope.Carriers;

namespace Isotope.Tests.Analysis;

public sealed class ClassifierDecompositionTests
{
    [Fact]
    public void Of_RowMadeOfKnownParts_FindsThem()
    {
        double[] vanilla = [3, 0, 0, 0];
        double[] carrier = [0.6, 0.8, 0, 0];
        var parts = ClassifierDecomposition.Of([0.9 * 7, 0.3 * 7, 0.1 * 7, 0], vanilla, carrier);
        var norm = Math.Sqrt(0.81 + 0.09 + 0.01);
        Assert.Equal(0.9 / norm, parts.Semantic, 1e-12);
        Assert.Equal(0.3 / norm, parts.Mark, 1e-12);
        Assert.Equal((0.9 * 0.6 + 0.3 * 0.8) / norm, parts.CarrierCosine, 1e-12);
        Assert.Equal(Math.Sqrt(0.9) / norm, parts.ProjectionNorm, 1e-12);
    }

    [Fact]
    public void Of_AnyVectors_ProjectionIsTheLengthOfBothPartsAndAtMostOne() =>
        Gen.Double[-1, 1]
            .Array[5]
            .Array[3]
            .Where(vectors => vectors.All(v => v.Any(x => Math.Abs(x) > 0.1)))
            .Sample(
                v =>
                {
                    var parts = ClassifierDecomposition.Of(v[0], v[1], v[2]);
                    Assert.Equal(parts.ProjectionNorm, Math.Sqrt(parts.Semantic * parts.Semantic + parts.Mark * parts.Mark), 1e-9);
                    Assert.InRange(parts.ProjectionNorm, 0, 1 + 1e-9);
                    Assert.InRange(Math.Abs(parts.CarrierCosine), 0, parts.ProjectionNorm + 1e-9);
                },
                iter: 200
            );

    [Fact]
    public void CosineSample_RowsAlongTheCarriers_StandOutFromRandomDirections()
    {
        var key = CarrierKey.FromSeed(4, 64, 3);
        double[][] rows =
        [
            .. Enumerable.Range(0, 4).Select(label => Array.ConvertAll(key.Carrier(label).ToArray(), value => (double)value)),
        ];
        var sample = CosineSample.Of(rows, rows, key);
        Assert.All(sample.Carrier, cosine => Assert.Equal(1, cosine, 1e-6));
        Assert.Equal(400, sample.Random.Count);
        Assert.Equal(1 / 8.0, Math.Sqrt(sample.Random.Average(c => c * c)), 0.02);
    }

    [Fact]
    public void Of_NoDirection_IsRefused() => Assert.Throws<ArgumentException>(() => ClassifierDecomposition.Of([0, 0], [1, 0], [0, 1]));
}
