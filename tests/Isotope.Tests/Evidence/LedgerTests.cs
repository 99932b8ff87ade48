using Isotope.Evidence;

namespace Isotope.Tests.Evidence;

public sealed class LedgerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Path => folder.File("owner.key.ledger.jsonl");

    [Fact]
    public void Record_SeveralTests_CountsThemAndAdjustsByHolm()
    {
        Assert.Equal((1, -5.0), Summary(Record("a", -5)));
        var second = Record("b", -3);
        Assert.Equal((2, -3.0), Summary(second));
        Assert.Equal([-5.0, -3.0], second.Log10PValues);
        Assert.Equal((1, -5 + Math.Log10(2)), Summary(Record("a", -5)));
        Assert.Equal((3, Math.Log10(3) - 7), Summary(Record("c", -7)));
    }

    [Fact]
    public void PathFor_LinkToAKey_IsThatOfTheKey()
    {
        if (OperatingSystem.IsWindows())
            return;
        File.WriteAllText(folder.File("owner.key"), "");
        File.CreateSymbolicLink(folder.File("link.key"), folder.File("owner.key"));
        Assert.Equal(Path, Ledger.PathFor(folder.File("owner.key")));
        Assert.Equal(Path, Ledger.PathFor(folder.File("link.key")));
    }

    [Fact]
    public void Record_SameTestAgain_IsCountedOnceUnlessItsPValueChanged()
    {
        Record("a", -5);
        Assert.Single(Record("a", -5.001).Log10PValues);
        Assert.Equal(2, Record("a", -6).Log10PValues.Count);
    }

    [Fact]
    public void Record_PValueOfZero_IsKept()
    {
        Record("a", double.NegativeInfinity);
        Assert.Equal([double.NegativeInfinity, -1], Record("b", -1).Log10PValues);
        Assert.Equal(2, Record("a", double.NegativeInfinity).Log10PValues.Count);
    }

    [Fact]
    public void Record_OnUnix_IsReadableByTheOwnerAlone()
    {
        Record("a", -5);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Record_AfterALineWasRemoved_IsRefused(int line)
    {
        foreach (var test in new[] { "a", "b", "c" })
            Record(test, -1);
        File.WriteAllLines(Path, File.ReadAllLines(Path).Where((_, i) => i != line));
        Assert.Contains($"line {line + 1}: expected", Assert.Throws<IsotopeException>(() => Record("d", -1)).Message);
    }

    [Fact]
    public void Record_AfterALineWasChanged_IsRefused()
    {
        foreach (var test in new[] { "a", "b" })
            Record(test, -1.5);
        var lines = File.ReadAllLines(Path);
        lines[1] = lines[1].Replace("-1.5", "-0.5");
        File.WriteAllLines(Path, lines);
        Assert.Contains("line 3", Assert.Throws<IsotopeException>(() => Record("c", -1)).Message);
    }

    [Fact]
    public void Contains_AfterTheLastLineWasRemoved_IsFalse()
    {
        Record("a", -1);
        var last = Record("b", -1);
        Assert.True(Ledger.Contains(Path, "key", last));
        File.WriteAllLines(Path, File.ReadAllLines(Path).SkipLast(1));
        Assert.False(Ledger.Contains(Path, "key", last));
    }

    [Fact]
    public void Contains_StatementThatTheLinesDoNotBear_IsFalse()
    {
        Record("a", -1);
        var second = Record("b", -2);
        Assert.True(Ledger.Contains(Path, "key", second));
        Assert.False(Ledger.Contains(Path, "key", second with { Log10PValues = [-0.5, -2] }));
        Assert.False(Ledger.Contains(Path, "key", second with { Position = 1 }));
        Assert.False(Ledger.Contains(Path, "key", second with { Log10PValues = [-2], Position = 1 }));
        Assert.False(Ledger.Contains(Path, "key", second with { Fingerprint = "a" }));
    }

    [Fact]
    public void Contains_LeavesTheFileAsItIs()
    {
        var test = Record("a", -1);
        File.AppendAllText(Path, "{\"previous\":\"");
        var before = File.ReadAllBytes(Path);
        File.SetAttributes(Path, FileAttributes.ReadOnly);
        Assert.True(Ledger.Contains(Path, "key", test));
        Assert.Equal(before, File.ReadAllBytes(Path));
        File.WriteAllBytes(folder.File("empty"), []);
        Assert.Contains("expected", Assert.Throws<IsotopeException>(() => Ledger.Contains(folder.File("empty"), "key", test)).Message);
    }

    [Fact]
    public void Record_AfterAnUnfinishedLine_DropsIt()
    {
        Record("a", -1);
        File.AppendAllText(Path, "{\"previous\":\"");
        Assert.Equal(2, Record("b", -1).Log10PValues.Count);
        Assert.Equal(2, Record("b", -1).Position);
    }

    [Fact]
    public void Record_LedgerOfAnotherKey_IsRefused()
    {
        Record("a", -1);
        Assert.Throws<IsotopeException>(() => Ledger.Record(Path, "another key", new LedgerTest("images", "b", "s", -1)));
    }

    [Fact]
    public void Record_FromSeveralThreads_LosesNone()
    {
        Parallel.For(0, 8, i => Record($"test {i}", -1 - i));
        Assert.Equal(9, Record("last", -1).Log10PValues.Count);
    }

    public void Dispose() => folder.Dispose();

    private static (int Position, double Holm) Summary(LedgerStatement statement) => (statement.Position, statement.HolmLog10P);

    private LedgerStatement Record(string fingerprint, double log10P) =>
        Ledger.Record(Path, "key", new LedgerTest("white-box", fingerprint, "suspect", log10P));
}
