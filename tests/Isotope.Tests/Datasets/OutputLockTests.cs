using Isotope.Datasets;

namespace Isotope.Tests.Datasets;

public sealed class OutputLockTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Take_WhileAnotherRunHasIt_IsRefusedWithItsProcess()
    {
        using (OutputLock.Take(folder.File("out")))
        {
            var error = Assert.Throws<IsotopeException>(() => OutputLock.Take(folder.File("out")));
            Assert.Contains($"process {Environment.ProcessId}", error.Message);
            using var other = OutputLock.Take(folder.File("other"));
        }

        OutputLock.Take(folder.File("out")).Dispose();
        Assert.Empty(Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public void Take_FileOfAKilledProcess_IsTakenOver()
    {
        File.WriteAllText(folder.File("out.lock"), "");
        File.WriteAllText(folder.File("out.lock.pid"), "4242");
        using var claim = OutputLock.Take(folder.File("out"));
        Assert.Contains($"process {Environment.ProcessId}", Assert.Throws<IsotopeException>(() => OutputLock.Take(folder.File("out"))).Message);
    }

    public void Dispose() => folder.Dispose();
}
