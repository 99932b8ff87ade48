using Isotope.Carriers;
using Isotope.Statistics;

namespace Isotope.Tests.Carriers;

public sealed class CarrierKeyTests
{
    [Fact]
    public void Create_Always_HasUnitCarriers() => AssertUnitCarriers(CarrierKey.Create(5, 64));

    [Fact]
    public void Create_Twice_GivesOtherKeys() => Assert.NotEqual(CarrierKey.Create(3, 8).Commitment, CarrierKey.Create(3, 8).Commitment);

    [Fact]
    public void FromSeed_SameSeed_GivesSameKeyAndSaysSo()
    {
        var key = CarrierKey.FromSeed(3, 8, 42);
        Assert.Equal(CarrierKey.FromSeed(3, 8, 42).Commitment, key.Commitment);
        Assert.NotEqual(CarrierKey.FromSeed(3, 8, 43).Commitment, key.Commitment);
        Assert.Equal("seed 42", key.Origin);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(64)]
    public void Carriers_OfManyKeys_AreUniformOnTheSphere(int dimension)
    {
        // The cosine with a fixed direction has the distribution that the p-value assumes.
        var pValues = Enumerable
            .Range(0, 2000)
            .Select(seed => CosineTest.PValueOf(CarrierKey.FromSeed(2, dimension, seed).Carrier(1)[0], dimension));
        Uniformity.AssertUniform(pValues, $"d = {dimension}");
    }

    [Theory]
    [InlineData(1, 64, "classes: expected at least 2, found 1")]
    [InlineData(10, 1, "dimension: expected at least 2, found 1")]
    [InlineData(100_001, 2000, "classes and dimension: expected at most 200000000 values of carriers, found 100001 × 2000")]
    [InlineData(
        int.MaxValue,
        int.MaxValue,
        "classes and dimension: expected at most 200000000 values of carriers, found 2147483647 × 2147483647"
    )]
    public void Create_ImpossibleSizes_AreRefused(int classes, int dimension, string message) =>
        Assert.Equal(message, Assert.Throws<IsotopeException>(() => CarrierKey.Create(classes, dimension)).Message);

    [Fact]
    public void Created_OfNewKeys_IsToday()
    {
        var before = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var created = CarrierKey.Create(2, 2);
        using var carriers = created.ToTensor();
        var imported = CarrierKey.Import(carriers, "x");
        var after = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        Assert.All([created, imported], key => Assert.InRange(key.Created!.Value, before, after));
        Assert.Equal(("system", "imported"), (created.Origin, imported.Origin));
    }

    [Fact]
    public void CounterfactualCarrier_OfAnyVersion_IsAnotherUnitDirection()
    {
        var key = CarrierKey.FromSeed(3, 8, 1);
        float[][] carriers =
        [
            key.Carrier(0).ToArray(),
            key.Carrier(1).ToArray(),
            .. new[] { (0, 1), (0, 2), (1, 1), (1, 2) }.Select(other => key.CounterfactualCarrier(other.Item1, other.Item2).ToArray()),
        ];
        Assert.Equal(carriers.Length, carriers.Select(carrier => carrier[0]).Distinct().Count());
        Assert.All(carriers, carrier => Assert.Equal(1, carrier.Sum(value => (double)value * value), 1e-6));
        Assert.Throws<ArgumentOutOfRangeException>(() => key.CounterfactualCarrier(0, 0));
    }

    [Fact]
    public void TwinCarrier_OfManyImages_IsPublishedByAFairCoin()
    {
        var key = CarrierKey.FromSeed(2, 4, 1);
        var heads = 0;
        for (var image = 0; image < 2000; image++)
        {
            var published = key.TwinCarrier($"{image}", 0).ToArray();
            var secret = key.TwinCarrier($"{image}", 1).ToArray();
            var first = new float[4];
            var second = new float[4];
            key.Stream($"twin 0 {image}").FillDirection(first);
            key.Stream($"twin 1 {image}").FillDirection(second);
            var isHeads = published.SequenceEqual(second);
            Assert.Equal(isHeads ? second : first, published);
            Assert.Equal(isHeads ? first : second, secret);
            if (isHeads)
                heads++;
        }

        Assert.InRange(heads, 900, 1100);
    }

    [Fact]
    public void ForCalibration_OfSeeds_HasUnitCarriersThatFollowFromTheSeed()
    {
        var key = CarrierKey.ForCalibration(5, 64, 3);
        Assert.Equal(key.Carriers, CarrierKey.ForCalibration(5, 64, 3).Carriers);
        Assert.NotEqual(key.Carriers.ToArray(), CarrierKey.ForCalibration(5, 64, 4).Carriers.ToArray());
        AssertUnitCarriers(key);
        Assert.Equal("calibration", key.Origin);
    }

    private static void AssertUnitCarriers(CarrierKey key)
    {
        for (var label = 0; label < key.Classes; label++)
            Assert.Equal(1, key.Carrier(label).ToArray().Sum(x => (double)x * x), 1e-6);
    }
}
