using System.CommandLine;

namespace Isotope.Cli.Terminal;

/// <summary>
/// Options that name a file or folder to write, looked at when the command line is read: before hours of work, and before anything is lost.
/// </summary>
internal static class OutputFile
{
    /// <summary>A file that is not there yet: what it would replace may be a key, or hours of work.</summary>
    /// <param name="option">The option.</param>
    /// <param name="extensions">What its name may end in, in lower case.</param>
    public static T OfNewFile<T>(this T option, params string[] extensions)
        where T : Option => option.OfFile(extensions, mayExist: false);

    /// <summary>A file that is soon made again and may replace its like.</summary>
    /// <inheritdoc cref="OfNewFile"/>
    public static T OfFile<T>(this T option, params string[] extensions)
        where T : Option => option.OfFile(extensions, mayExist: true);

    /// <summary>A folder, which is made where it is not there yet.</summary>
    public static T OfFolder<T>(this T option)
        where T : Option => option.Checked(FolderError);

    /// <summary>Whether files can be made in a folder.</summary>
    public static bool CanBeWrittenTo(string folder)
    {
        try
        {
            using var probe = File.Create(Path.Combine(folder, Path.GetRandomFileName()), bufferSize: 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static T OfFile<T>(this T option, string[] extensions, bool mayExist)
        where T : Option => option.Checked(path => Error(path, extensions, mayExist));

    private static T Checked<T>(this T option, Func<string, string?> error)
        where T : Option
    {
        option.Validators.Add(given =>
        {
            if (given.Tokens is [{ Value: { Length: > 0 } path }] && error(Path.GetFullPath(path)) is { } found)
                given.AddError($"{option.Name} {path}: {found}");
        });
        return option;
    }

    private static string? Error(string path, string[] extensions, bool mayExist)
    {
        if (!extensions.Contains(Path.GetExtension(path).ToLowerInvariant()))
            return $"expected a name that ends in {string.Join(" or ", extensions)}, found '{Path.GetExtension(path)}'";
        if (Path.GetDirectoryName(path) is not { } folder || !Directory.Exists(folder))
            return $"expected a folder to write to, found no {Path.GetDirectoryName(path)}";
        if (!mayExist && Path.Exists(path))
            return "expected a new file, found one; give another name, or remove it first";
        return WritingError(folder);
    }

    /// <summary>Of the folder, or of the one that it will be made in.</summary>
    private static string? FolderError(string path)
    {
        while (!Path.Exists(path))
            path = Path.GetDirectoryName(path)!;
        return Directory.Exists(path) ? WritingError(path) : $"expected a folder, found the file {path}";
    }

    private static string? WritingError(string folder) =>
        CanBeWrittenTo(folder) ? null : $"expected a folder that can be written to, found {folder}";
}
