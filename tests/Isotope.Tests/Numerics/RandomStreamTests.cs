using CsCheck;
using Isotope.Numerics;

namespace Isotope.Tests.Numerics;

public sealed class RandomStreamTests
{
    [Fact]
    public void NextUInt64_FixedSeed_NeverChanges()
    {
        // Marks and keys of earlier versions follow from these values. Python:
        // k = hmac.digest(struct.pack('<q', 7), b'golden', 'sha256'); struct.unpack('<4Q', hmac.digest(k, bytes(8), 'sha256'))
        var stream = new RandomStream(7, "golden");
        Assert.Equal((661239321935537595UL, 10258449746330280992UL), (stream.NextUInt64(), stream.NextUInt64()));
    }

    [Fact]
    public void Streams_OtherLabelOrSeed_Differ()
    {
        var first = new RandomStream(7, "a").NextUInt64();
        Assert.NotEqual(first, new RandomStream(7, "b").NextUInt64());
        Assert.NotEqual(first, new RandomStream(8, "a").NextUInt64());
    }

    [Fact]
    public void Next_AnyCount_StaysBelowIt() =>
        Gen.Int[1, int.MaxValue]
            .Select(Gen.Long)
            .Sample((count, seed) => new RandomStream(seed, "next").Next(count) is var n && n >= 0 && n < count);

    [Fact]
    public void Shuffle_AnyLength_IsAPermutation() =>
        Gen.Int[0, 100]
            .Select(Gen.Long)
            .Sample(
                (length, seed) =>
                {
                    var items = Enumerable.Range(0, length).ToArray();
                    new RandomStream(seed, "shuffle").Shuffle<int>(items);
                    return items.Order().SequenceEqual(Enumerable.Range(0, length));
                }
            );

    [Fact]
    public void NextGaussian_ManyDraws_HasMomentsOfTheNormal()
    {
        var stream = new RandomStream(3, "moments");
        var draws = Enumerable.Range(0, 100_000).Select(_ => stream.NextGaussian()).ToArray();
        Assert.Equal(0, draws.Average(), 0.02);
        Assert.Equal(1, draws.Average(x => x * x), 0.03);
        Assert.Equal(3, draws.Average(x => x * x * x * x), 0.2);
    }
}
