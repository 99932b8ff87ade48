using System.Globalization;

namespace Isotope.Files;

/// <summary>
/// A run's claim on an output: a file beside the output, locked while the run lasts. A second file names the process, since a locked file
/// can't be read. The system unlocks the file of a killed process, so nothing has to be cleaned up.
/// </summary>
internal sealed class OutputLock : IDisposable
{
    private readonly FileStream file;

    private OutputLock(FileStream file) => this.file = file;

    /// <summary>Claims an output, which need not exist yet.</summary>
    /// <exception cref="IsotopeException">Another run holds it, or its folder can't be written to.</exception>
    public static OutputLock Take(string output)
    {
        if (TryTake(output) is { } taken)
            return taken;
        var holder = ReadHolder(PathFor(output)) is { } process ? $"process {Printable.Start(process)}" : "one";
        throw new IsotopeException($"{output}: expected no other run that writes it, found {holder}");
    }

    /// <summary>Like <see cref="Take"/>, but returns null if another run holds the output.</summary>
    /// <exception cref="IsotopeException">Its folder can't be written to.</exception>
    public static OutputLock? TryTake(string output)
    {
        var path = PathFor(output);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);

            // With these arguments .NET opens the file again if its last holder deleted it before it could be locked.
            var file = new FileStream(
                path,
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 1,
                FileOptions.DeleteOnClose
            );
            File.Delete(HolderOf(path)); // left by a killed run, or a link to somewhere else
            using var holder = new StreamWriter(new FileStream(HolderOf(path), FileMode.CreateNew));
            holder.Write(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new OutputLock(file);
        }
        catch (IOException e) when (IsHeld(e))
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IsotopeException($"{output}: expected a place to write to, found: {e.Message}", e);
        }
    }

    /// <summary>Whether a run holds an output, or was killed while it did.</summary>
    public static bool IsTaken(string output) => File.Exists(PathFor(output));

    /// <summary>Releases the output.</summary>
    public void Dispose()
    {
        File.Delete(HolderOf(file.Name));
        file.Dispose();
    }

    /// <summary>Whether another process holds a file: EAGAIN on Linux, EWOULDBLOCK on macOS, a sharing violation on Windows.</summary>
    private static bool IsHeld(IOException e) => (e.HResult & 0xFFFF) is 11 or 35 or 32;

    /// <summary>The process that holds the lock; null if it has just released it.</summary>
    private static string? ReadHolder(string path)
    {
        try
        {
            return File.ReadAllText(HolderOf(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string PathFor(string output) => FolderPath.Beside(output, ".lock");

    private static string HolderOf(string path) => path + ".pid";
}
