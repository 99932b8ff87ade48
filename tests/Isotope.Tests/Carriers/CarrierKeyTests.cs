using Isotope.Carriers;
using Isotope.Statistics;

namespace Isotope.Tests.Carriers;

public sealed class CarrierKeyTests
{
    [Fact]
    public void Create_Always_HasUnitCarriers()
    {
        var key = CarrierKey.Create(5, 64);
        for (var label = 0; label < key.Classes; label++)
            Assert.Equal(1, key.Carrier(label).ToArray().Sum(x => (double)x * x), 1e-6);
    }

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
        // The cosine with a fixed direction has the law that the p-value assumes.
        var pValues = Enumerable.Range(0, 2000)
            .Select(seed => CosineTest.PValueOf(CarrierKey.FromSeed(2, dimension, seed).Carrier(1)[0], dimension));
        Uniformity.AssertUniform(pValues, $"d = {dimension}");
    }

    [Fact]
    public void Create_TooSmall_IsRefused()
    {
        Assert.Contains("2 classes", Assert.Throws<IsotopeException>(() => CarrierKey.Create(1, 64)).Message);
        Assert.Contains("2 dimensions", Assert.Throws<IsotopeException>(() => CarrierKey.Create(10, 1)).Message);
    }
}
