namespace Isotope.Files;

/// <summary>Writes a file under a temporary name in the same folder, then moves it: a reader sees all of it or nothing.</summary>
internal static class AtomicFile
{
    private const string PartSuffix = ".part";

    /// <summary>
    /// The modification time of every published file, so that times reveal nothing. It is the earliest that a zip archive can store.
    /// </summary>
    internal static readonly DateTime PublishedTime = new(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>
    /// Writes <c>path.part</c>, then moves it to <paramref name="path"/>. If anything fails, the old file stays as it was. A part that a
    /// killed run left behind is replaced; a link in its place is not followed.
    /// </summary>
    /// <param name="path">The file to write.</param>
    /// <param name="write">Writes the content to a stream.</param>
    /// <param name="kept">Why an existing file must be kept, for the error message; null to replace it.</param>
    /// <exception cref="IsotopeException">The folder is missing, full or not writable; another process is writing the file; or a file that
    /// must be kept exists, even if it appeared during the writing.</exception>
    public static void Write(string path, Action<Stream> write, string? kept = null) => Write(path, write, new FileStreamOptions(), kept);

    /// <summary>
    /// Like <see cref="Write(string, Action{Stream}, string)"/>, but only the owner can read the file (mode 0600 on Unix), and it is
    /// flushed to the disk.
    /// </summary>
    public static void WritePrivate(string path, Action<Stream> write, string? kept = null)
    {
        var options = new FileStreamOptions();
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Write(path, WriteAndFlush, options, kept);

        void WriteAndFlush(Stream stream)
        {
            write(stream);
            ((FileStream)stream).Flush(flushToDisk: true);
        }
    }

    /// <summary>Like <see cref="Write(string, Action{Stream}, string)"/>, for a path below a folder; makes the folders it needs.</summary>
    internal static void WriteBelow(string folder, string file, Action<Stream> write)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Write(path, write);
    }

    /// <summary>Makes a folder that only its owner can enter (mode 0700 on Unix). An existing folder gets the same mode.</summary>
    internal static void CreatePrivateFolder(string path)
    {
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, owner);
    }

    /// <summary>Refuses a path that exists, before any work is done for it.</summary>
    /// <param name="path">Where a new file will be written.</param>
    /// <param name="reason">Why it must be new; the message ends with it.</param>
    /// <exception cref="IsotopeException">The path exists.</exception>
    public static void RequireNew(string path, string reason)
    {
        if (Path.Exists(path))
            throw new IsotopeException($"{path}: expected a new file, found one; {reason}");
    }

    private static void Write(string path, Action<Stream> write, FileStreamOptions options, string? kept)
    {
        if (kept is not null)
            RequireNew(path, kept);
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new IsotopeException($"{path}: expected a place to write to, found: no folder {folder}");
        var part = path + PartSuffix;
        try
        {
            RemoveLeftover(part);
            WritePart(part, write, options);
            File.Move(part, path, overwrite: kept is null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var problem = e.Message.Replace(part, path, StringComparison.Ordinal);
            throw new IsotopeException($"{path}: expected a place to write to, found: {problem}", e);
        }
    }

    /// <summary>
    /// Deletes a leftover part, unless another process holds it. Opening it instead would keep its mode, or follow a link.
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
        options.Mode = FileMode.CreateNew;
        options.Access = FileAccess.ReadWrite;
        options.Share = FileShare.None;
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
