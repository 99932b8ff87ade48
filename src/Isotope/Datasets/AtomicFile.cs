namespace Isotope.Datasets;

/// <summary>Writes a file under a temporary name beside its own and moves it: a reader sees all of it or nothing.</summary>
public static class AtomicFile
{
    /// <summary>Suffix of a file that is being written; one left behind by a kill is overwritten by the next run.</summary>
    public const string PartSuffix = ".part";

    /// <summary>Writes <paramref name="path"/>, replacing an earlier version.</summary>
    public static void Write(string path, Action<Stream> write) => Write(path, write, unixMode: null);

    /// <summary>As <see cref="Write(string, Action{Stream})"/>, readable by the owner alone (mode 0600) and flushed to the disk.</summary>
    public static void WritePrivate(string path, Action<Stream> write) => Write(path, write, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    private static void Write(string path, Action<Stream> write, UnixFileMode? unixMode)
    {
        var part = path + PartSuffix;
        File.Delete(part);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (unixMode is not null && !OperatingSystem.IsWindows()) options.UnixCreateMode = unixMode;
        using (var stream = new FileStream(part, options))
        {
            write(stream);
            stream.Flush(flushToDisk: unixMode is not null);
        }

        File.Move(part, path, overwrite: true);
    }
}
