using System.Globalization;

namespace Isotope.Datasets;

/// <summary>
/// A run's claim on an output: a file beside it that is locked as long as it runs, and one that names its process, since a locked file can't be
/// read. The system unlocks the file of a killed process, so that nothing has to be tidied up.
/// </summary>
public sealed class OutputLock : IDisposable
{
    private readonly string path;
    private readonly FileStream file;

    private OutputLock(string path, FileStream file) => (this.path, this.file) = (path, file);

    /// <summary>Claims an output, which need not exist yet.</summary>
    /// <exception cref="IsotopeException">Another run is at it, or there is no place to write to.</exception>
    public static OutputLock Take(string output)
    {
        var path = AtomicFile.Beside(output, ".lock");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(HolderOf(path), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new OutputLock(path, file);
        }
        catch (IOException e) when (File.Exists(HolderOf(path)))
        {
            throw new IsotopeException($"{output}: expected no other run that writes it, found process {Printable.Start(File.ReadAllText(HolderOf(path)))}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IsotopeException($"{output}: expected a place to write to, found: {e.Message}", e);
        }
    }

    /// <summary>Gives the output free.</summary>
    public void Dispose()
    {
        File.Delete(HolderOf(path));
        File.Delete(path);
        file.Dispose();
    }

    private static string HolderOf(string path) => path + ".pid";
}
