namespace Isotope.Cli.Studies;

/// <summary>
/// The right to make one file: of several processes on one study each makes what no other is making. It is a file held open, so a killed process
/// leaves none.
/// </summary>
internal sealed class Claim : IDisposable
{
    private const int Attempts = 5;
    private readonly FileStream held;

    private Claim(FileStream held) => this.held = held;

    /// <summary>Takes it, or null while another process has it.</summary>
    /// <exception cref="IsotopeException">There is no place to write to.</exception>
    public static Claim? Try(string path)
    {
        var file = path + ".claim";
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new Claim(new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose));
            }
            catch (IOException) when (File.Exists(file))
            {
                return null;
            }
            catch (IOException e) when (attempt == Attempts)
            {
                throw new IsotopeException($"{path}: expected a place to write to, found: {e.Message}", e);
            }
            catch (IOException)
            {
                // Its holder has just deleted it.
            }
        }
    }

    /// <summary>Makes a file or folder that is not there yet.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="last">What is written last: with it the whole is there.</param>
    /// <param name="make">Makes it.</param>
    /// <exception cref="BusyException">Another process is making it.</exception>
    public static void MakeOnce(string path, string last, Action make)
    {
        if (File.Exists(last)) return;
        using var claim = Try(path) ?? throw new BusyException(path);
        if (!File.Exists(last)) make();
    }

    public void Dispose() => held.Dispose();
}

/// <summary>Another process is making what is needed.</summary>
internal sealed class BusyException(string path) : Exception($"another process is making {path}");
