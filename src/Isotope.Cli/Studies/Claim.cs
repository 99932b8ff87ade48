namespace Isotope.Cli.Studies;

/// <summary>
/// The right to make one file: of several processes on one study each makes what no other is making. It is a file held open, so a killed process
/// leaves none.
/// </summary>
internal sealed class Claim : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly FileStream held;

    private Claim(FileStream held) => this.held = held;

    /// <summary>Takes it, or null while another process has it.</summary>
    public static Claim? Try(string path)
    {
        try
        {
            return new Claim(new FileStream(path + ".claim", FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Takes it, however long another process has it.</summary>
    public static Claim Wait(string path, CancellationToken cancellation)
    {
        while (true)
        {
            if (Try(path) is { } claim) return claim;
            if (cancellation.WaitHandle.WaitOne(Pause)) throw new OperationCanceledException(cancellation);
        }
    }

    public void Dispose() => held.Dispose();
}
