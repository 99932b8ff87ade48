using System.Globalization;

namespace Isotope.Files;

/// <summary>
/// A run's claim on an output: a file beside it that is locked as long as it runs, and one that names its process, since a locked file
/// can't be read. The system unlocks the file of a killed process, so that nothing has to be tidied up.
/// </summary>
public sealed class OutputLock : IDisposable
{
    private readonly FileStream file;

    private OutputLock(FileStream file) => this.file = file;

    /// <summary>Claims an output, which need not exist yet.</summary>
    /// <exception cref="IsotopeException">Another run is at it, or there is no place to write to.</exception>
    public static OutputLock Take(string output) =>
        TryTake(output)
        ?? throw new IsotopeException(
            $"{output}: expected no other run that writes it, found "
                + $"{(ReadHolder(PathFor(output)) is { } holder ? $"process {Printable.Start(holder)}" : "one")}"
        );

    /// <summary>As <see cref="Take"/>; null while another run has it.</summary>
    /// <exception cref="IsotopeException">There is no place to write to.</exception>
    public static OutputLock? TryTake(string output)
    {
        var path = PathFor(output);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);

            // Opened so, a file that its last holder deleted before it could be locked is opened anew by .NET.
            var file = new FileStream(
                path,
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 1,
                FileOptions.DeleteOnClose
            );
            File.Delete(HolderOf(path)); // a killed run's, or a link to somewhere else
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

    /// <summary>Whether a run is at an output, or was killed at it.</summary>
    public static bool IsTaken(string output) => File.Exists(PathFor(output));

    /// <summary>Gives the output free.</summary>
    public void Dispose()
    {
        File.Delete(HolderOf(file.Name));
        file.Dispose();
    }

    /// <summary>
    /// Whether the system says that a file is another's: EAGAIN of Linux, EWOULDBLOCK of macOS, a sharing violation of Windows.
    /// </summary>
    private static bool IsHeld(IOException e) => (e.HResult & 0xFFFF) is 11 or 35 or 32;

    /// <summary>The process that has it; null where it has just left, or nobody had it.</summary>
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

    private static string PathFor(string output) => AtomicFile.Beside(output, ".lock");

    private static string HolderOf(string path) => path + ".pid";
}
