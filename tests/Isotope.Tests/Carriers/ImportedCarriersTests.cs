using CsCheck;
using Isotope.Carriers;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Carriers;

public sealed class ImportedCarriersTests
{
    [Fact]
    public void Import_CarriersOfAKey_KeepsEveryBit() =>
        Gen.Int[2, 6]
            .Select(Gen.Int[2, 80], Gen.Long)
            .Sample(
                (classes, dimension, seed) =>
                {
                    var key = CarrierKey.FromSeed(classes, dimension, seed);
                    using var carriers = key.ToTensor();
                    return CarrierKey.Import(carriers, "x").Carriers.SequenceEqual(key.Carriers);
                },
                iter: 300,
                threads: 1
            );

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    public void Import_AnyPrecision_GivesUnitRows(ScalarType type)
    {
        using var exact = CarrierKey.FromSeed(5, 512, 1).ToTensor();
        using var carriers = exact.to(type);
        var key = CarrierKey.Import(carriers, "x");
        Assert.Equal((5, 512, "imported"), (key.Classes, key.Dimension, key.Origin));
        for (var label = 0; label < key.Classes; label++)
            Assert.Equal(1, key.Carrier(label).ToArray().Sum(x => (double)x * x), 2e-7);
    }

    [Fact]
    public void Import_Twice_HasOtherSecrets()
    {
        using var carriers = eye(3);
        Assert.NotEqual(CarrierKey.Import(carriers, "x").Commitment, CarrierKey.Import(carriers, "x").Commitment);
        Assert.NotEqual(
            CarrierKey.Import(carriers, "x").Stream("a").NextUInt64(),
            CarrierKey.Import(carriers, "x").Stream("a").NextUInt64()
        );
    }

    [Fact]
    public void Import_StridedView_ReadsRows()
    {
        using var wide = zeros(3, 8);
        using var view = wide.t();
        using var identity = eye(8, 3);
        view.copy_(identity);
        using var rows = view.narrow(0, 0, 3);
        Assert.Equal([0f, 1f, 0f], CarrierKey.Import(rows, "x").Carrier(1).ToArray());
    }

    [Fact]
    public void Import_SomethingElse_IsRefusedByName()
    {
        using var scope = NewDisposeScope();
        const string Rows = "finite rows of norm 1 (within 0.001)";
        const string Shape = "classes × dimensions, at least 2 of each";
        AssertRefused(eye(3).Times(1.01), Rows, "norm 1.01 in row 0");
        AssertRefused(eye(3).Times(0.99), Rows, "norm 0.99 in row 0");
        AssertRefused(eye(3).Times(double.NaN), Rows, "norm NaN in row 0");
        AssertRefused(eye(3).Over(0), Rows, "norm NaN in row 0");
        AssertRefused(cat([eye(2), zeros(1, 2)]), Rows, "norm 0 in row 2");
        AssertRefused(eye(3, dtype: ScalarType.Int64), "a tensor of floating point", "one of Int64");
        AssertRefused(ones(1, 1), Shape, "shape [1, 1]");
        AssertRefused(eye(1, 3), Shape, "shape [1, 3]");
        AssertRefused(eye(3, 1), Shape, "shape [3, 1]");
        AssertRefused(eye(3).flatten(), Shape, "shape [9]");
        AssertRefused(ones(2, 2, 2), Shape, "shape [2, 2, 2]");
        AssertRefused(tensor(1f), Shape, "shape []");
    }

    [Fact]
    public void Import_SmallestKey_IsTaken()
    {
        using var carriers = eye(2);
        var key = CarrierKey.Import(carriers, "x");
        Assert.Equal((2, 2), (key.Classes, key.Dimension));
        Assert.Equal([1f, 0f, 0f, 1f], key.Carriers.ToArray());
    }

    [Fact]
    public void Import_NormsNearOne_AreNormalised()
    {
        using var scope = NewDisposeScope();
        var key = CarrierKey.Import(tensor(new[] { 1.0009, 0, 0, 0.9991 }, [2, 2], dtype: ScalarType.Float64), "x");
        Assert.Equal([1f, 0f, 0f, 1f], key.Carriers.ToArray());
    }

    private static void AssertRefused(Tensor carriers, string expected, string found) =>
        Assert.Equal(
            $"c.pth: expected {expected}, found {found}",
            Assert.Throws<IsotopeException>(() => CarrierKey.Import(carriers, "c.pth")).Message
        );
}
