using System.CommandLine;

namespace Isotope.Cli.Terminal;

/// <summary>
/// Options that name a file or folder to write. They are checked when the command line is read: before hours of work, and before anything
/// is lost.
/// </summary>
internal static class OutputFile
{
    /// <summary>A file that must not exist yet: it might replace a key, or hours of work.</summary>
    /// <param name="option">The option.</param>
    /// <param name="extensions">Extensions that its name may have, in lower case.</param>
    public static T OfNewFile<T>(this T option, params string[] extensions)
        where T : Option => option.Checked(path => FileError(path, extensions, mayExist: false));

    /// <summary>A file that is quickly made again and may replace an earlier one.</summary>
    /// <inheritdoc cref="OfNewFile"/>
    public static T OfFile<T>(this T option, params string[] extensions)
        where T : Option => option.Checked(path => FileError(path, extensions, mayExist: true));

    /// <summary>A folder, which is made if it does not exist.</summary>
    public static T OfFolder<T>(this T option)
        where T : Option => option.Checked(FolderError);

    /// <summary>Whether files can be written into a folder.</summary>
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

    private static string? FileError(string path, string[] extensions, bool mayExist)
    {
        var extension = Path.GetExtension(path);
        var folder = Path.GetDirectoryName(path);
        if (!extensions.Contains(extension.ToLowerInvariant()))
            return $"expected a name that ends in {string.Join(" or ", extensions)}, found '{extension}'";
        if (!Directory.Exists(folder))
            return $"expected a folder to write to, found no {folder}";
        if (!mayExist && Path.Exists(path))
            return "expected a new file, found one; give another name, or remove it first";
        return WritingError(folder);
    }

    /// <summary>Looks at the folder, or at the one that it will be made in.</summary>
    private static string? FolderError(string path)
    {
        while (!Path.Exists(path))
            path = Path.GetDirectoryName(path)!;
        return Directory.Exists(path) ? WritingError(path) : $"expected a folder, found the file {path}";
    }

    private static string? WritingError(string folder) =>
        CanBeWrittenTo(folder) ? null : $"expected a folder that can be written to, found {folder}";
}
