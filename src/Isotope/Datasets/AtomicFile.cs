namespace Isotope.Datasets;

/// <summary>Writes a file whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Runs <paramref name="write"/> on <c>path.part</c>, flushes it to the disk and moves it over <paramref name="path"/>.
    /// Whatever goes wrong, the old file stays as it was and the part is deleted. The stream can seek.
    /// </summary>
    /// <exception cref="IsotopeException">The folder is missing, full or not writable, or another writer is at it.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string part = path + ".part";
        try
        {
            WritePart(part, write);
            File.Move(part, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IsotopeException($"{path}: expected a place to write to, found: {e.Message}", e);
        }
    }

    static void WritePart(string part, Action<Stream> write)
    {
        // Opened outside the try: a part that another writer holds is not ours to delete.
        using FileStream stream = new(part, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        try
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }
}
