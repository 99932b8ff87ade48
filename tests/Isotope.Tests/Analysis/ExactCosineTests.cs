using Isotope.Analysis;
using Isotope.Carriers;

namespace Isotope.Tests.Analysis;

/// <summary>Rows whose decomposition is known.</summary>
public sealed class ExactCosineTests
{
    [Fact]
    public void Of_RowsThatAreCarriers_HasCosinesOfOne()
    {
        var key = CarrierKey.FromSeed(3, 16, 1);
        double[][] rows =
        [
            .. Enumerable.Range(0, 3).Select(label => Array.ConvertAll(key.Carrier(label).ToArray(), value => (double)value)),
        ];
        double[][] vanilla = [rows[1], rows[2], rows[0]];
        Assert.All(ClassifierDecomposition.Of(rows, vanilla, key), part => Assert.Equal(1, part.CarrierCosine, 1e-6));
        var sample = CosineSample.Of(rows, vanilla, key);
        Assert.Equal(
            Enumerable.Range(0, 3).Select(i => rows[i].Zip(vanilla[i], (a, b) => a * b).Sum()),
            sample.Semantic,
            (a, b) => Math.Abs(a - b) < 1e-6
        );
    }
}
