using Isotope.Files;

namespace Isotope.Tests.Files;

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
        Assert.Contains(
            $"process {Environment.ProcessId}",
            Assert.Throws<IsotopeException>(() => OutputLock.Take(folder.File("out"))).Message
        );
    }

    [Fact]
    public void Take_LinkInThePlaceOfTheProcess_IsNotFollowed()
    {
        if (OperatingSystem.IsWindows())
            return;
        File.WriteAllText(folder.File("victim"), "kept");
        File.CreateSymbolicLink(folder.File("out.lock.pid"), folder.File("victim"));
        using (OutputLock.Take(folder.File("out")))
            Assert.Equal("kept", File.ReadAllText(folder.File("victim")));
    }

    [Fact]
    public void TryTake_WhileAnotherRunHasIt_IsNull()
    {
        using (OutputLock.Take(folder.File("out")))
            Assert.Null(OutputLock.TryTake(folder.File("out")));
        using var claim = OutputLock.TryTake(folder.File("out"));
        Assert.NotNull(claim);
    }

    [Fact]
    public void Take_ByManyAtOnce_HasOneHolderAtATime()
    {
        var (holders, several, taken) = (0, 0, 0);
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(TakeOften))];
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        Assert.Equal(0, several);
        Assert.InRange(taken, 1, 8000);

        void TakeOften()
        {
            for (var i = 0; i < 2000; i++)
            {
                try
                {
                    using var claim = OutputLock.Take(folder.File("out"));
                    Interlocked.Increment(ref taken);
                    if (Interlocked.Increment(ref holders) > 1)
                        Interlocked.Increment(ref several);
                    Thread.Yield();
                    Interlocked.Decrement(ref holders);
                }
                catch (IsotopeException)
                {
                    // Another thread has it.
                }
            }
        }
    }

    public void Dispose() => folder.Dispose();
}
