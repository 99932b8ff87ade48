using System.CommandLine;

namespace Isotope.Cli.Terminal;

/// <summary>Options that name a file to write, looked at when the command line is read: before hours of work, and before anything is lost.</summary>
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

    private static T OfFile<T>(this T option, string[] extensions, bool mayExist)
        where T : Option
    {
        option.Validators.Add(given =>
        {
            if (given.Tokens is [{ Value: { Length: > 0 } path }] && Error(Path.GetFullPath(path), extensions, mayExist) is { } error) given.AddError($"{option.Name} {path}: {error}");
        });
        return option;
    }

    private static string? Error(string path, string[] extensions, bool mayExist)
    {
        if (!extensions.Contains(Path.GetExtension(path).ToLowerInvariant())) return $"expected a name that ends in {string.Join(" or ", extensions)}, found '{Path.GetExtension(path)}'";
        if (Path.GetDirectoryName(path) is not { } folder || !Directory.Exists(folder)) return $"expected a folder to write to, found no {Path.GetDirectoryName(path)}";
        if (!mayExist && Path.Exists(path)) return "expected a new file, found one; give another name, or remove it first";
        return CanBeWrittenTo(folder) ? null : $"expected a folder that can be written to, found {folder}";
    }

    private static bool CanBeWrittenTo(string folder)
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
}
