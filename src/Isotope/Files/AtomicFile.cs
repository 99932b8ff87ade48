namespace Isotope.Files;

/// <summary>Writes a file under a temporary name beside its own and moves it: a reader sees all of it or nothing.</summary>
public static class AtomicFile
{
    private const string PartSuffix = ".part";

    /// <summary>
    /// The time that all files of a published folder bear, so that times tell nothing; zip files have none that is earlier.
    /// </summary>
    internal static readonly DateTime PublishedTime = new(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>
    /// Runs <paramref name="write"/> on <c>path.part</c> and moves it over <paramref name="path"/>. Whatever goes wrong, the old
    /// file stays as it was; a part that a killed run has left is written anew, and a link in the part's place is not followed.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes it.</param>
    /// <param name="kept">Why a file that is there, or is by the end of the writing, is kept and the write refused; null where it is
    /// replaced.</param>
    /// <exception cref="IsotopeException">The folder is missing, full or not writable, another writer is at it, or a file is there that is
    /// kept.</exception>
    public static void Write(string path, Action<Stream> write, string? kept = null) => Write(path, write, new FileStreamOptions(), kept);

    /// <summary>
    /// As <see cref="Write(string, Action{Stream}, string)"/>, readable by the owner alone (mode 0600) and flushed to the disk.
    /// </summary>
    public static void WritePrivate(string path, Action<Stream> write, string? kept = null)
    {
        var options = new FileStreamOptions();
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Write(path, Flushed, options, kept);

        void Flushed(Stream stream)
        {
            write(stream);
            ((FileStream)stream).Flush(flushToDisk: true);
        }
    }

    /// <summary>Makes a folder that its owner alone may enter (mode 0700 on Unix); one that is there becomes so.</summary>
    internal static void CreatePrivateFolder(string path)
    {
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, owner);
    }

    /// <summary>Path of a file that lies beside a folder and bears its name: where what is not published with it goes.</summary>
    internal static string Beside(string folder, string suffix) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + suffix;

    /// <summary>The file beside a folder or one above it, nearest first; null where there is none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="pathFor">Path of a folder's file; null where it can have none.</param>
    internal static string? FindBeside(string folder, Func<string, string?> pathFor)
    {
        for (var at = new DirectoryInfo(Path.TrimEndingDirectorySeparator(folder)); at is not null; at = at.Parent)
            if (pathFor(at.FullName) is { } path && File.Exists(path))
                return path;
        return null;
    }

    /// <summary>Refuses a file that exists, before the work that makes a new one.</summary>
    /// <exception cref="IsotopeException">It exists; the message ends with the reason.</exception>
    public static void RequireNew(string path, string reason)
    {
        if (Path.Exists(path))
            throw new IsotopeException($"{path}: expected a new file, found one; {reason}");
    }

    private static void Write(string path, Action<Stream> write, FileStreamOptions options, string? kept)
    {
        if (kept is not null)
            RequireNew(path, kept);
        (options.Mode, options.Access, options.Share) = (FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        var part = path + PartSuffix;
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new IsotopeException($"{path}: expected a place to write to, found: no folder {folder}");
        try
        {
            RemoveLeftover(part);
            WritePart(part, write, options);
            File.Move(part, path, overwrite: kept is null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IsotopeException(
                $"{path}: expected a place to write to, found: {e.Message.Replace(part, path, StringComparison.Ordinal)}",
                e
            );
        }
    }

    /// <summary>
    /// Removes what is in the part's place, unless another writer holds it: a new file has the mode that is asked for, and is no link to
    /// somewhere else.
    /// </summary>
    private static void RemoveLeftover(string part)
    {
        var file = new FileInfo(part);
        if (file.LinkTarget is null && file.Exists)
            new FileStream(part, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
        file.Delete();
    }

    private static void WritePart(string part, Action<Stream> write, FileStreamOptions options)
    {
        using var stream = new FileStream(part, options);
        try
        {
            write(stream);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }
}
