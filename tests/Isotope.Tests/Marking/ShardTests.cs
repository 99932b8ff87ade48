using CsCheck;
using Isotope.Marking;

namespace Isotope.Tests.Marking;

public sealed class ShardTests
{
    [Theory]
    [InlineData("2/8", "", 2, 8)]
    [InlineData("auto", "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_COUNT=4", 4, 4)]
    [InlineData("auto", "SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_COUNT=4", 3, 4)]
    [InlineData("auto", "JOB_COMPLETION_INDEX=0 JOB_COMPLETIONS=16", 1, 16)]
    [InlineData("auto/16", "JOB_COMPLETION_INDEX=15", 16, 16)]
    [InlineData("auto", "RANK=1 WORLD_SIZE=2 LOCAL_RANK=1", 2, 2)]
    public void Parse_ShardOrEnvironment_SaysWhichOfHowMany(string text, string environment, int index, int count) =>
        Assert.Equal(new Shard(index, count), Shard.Parse(text, Variables(environment)));

    [Theory]
    [InlineData("0/4", "", "0/4")]
    [InlineData("5/4", "", "5/4")]
    [InlineData("1/0", "", "1/0")]
    [InlineData("-1/4", "", "-1/4")]
    [InlineData("first", "", "first")]
    [InlineData("1/2/3", "", "1/2/3")]
    [InlineData("auto", "", "SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, RANK")]
    [InlineData("auto", "RANK=0 WORLD_SIZE=2 JOB_COMPLETION_INDEX=1", "found 2")]
    [InlineData("auto", "JOB_COMPLETION_INDEX=1", "JOB_COMPLETIONS")]
    [InlineData("auto", "RANK=2 WORLD_SIZE=2", "RANK=2")]
    [InlineData("auto", "RANK=x WORLD_SIZE=2", "'x'")]
    [InlineData("auto/100", "SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=7 SLURM_ARRAY_TASK_COUNT=1", "SLURM_ARRAY_TASK_COUNT=1")]
    public void Parse_AnythingElse_IsRefused(string text, string environment, string named) =>
        Assert.Contains(named, Assert.Throws<IsotopeException>(() => Shard.Parse(text, Variables(environment))).Message);

    [Fact]
    public void Of_AnyCount_SplitsWithoutOverlapAndEvenly() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[0, 100])
            .Sample(
                (count, size) =>
                {
                    int[] all = [.. Enumerable.Range(0, size)];
                    var shares = Enumerable.Range(1, count).Select(index => new Shard(index, count).Of(all)).ToArray();
                    Assert.Equal(all, shares.SelectMany(share => share).Order());
                    Assert.True(shares.Max(share => share.Count) - shares.Min(share => share.Count) <= 1);
                }
            );

    private static Func<string, string?> Variables(string environment)
    {
        var values = environment
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        return values.GetValueOrDefault;
    }
}
