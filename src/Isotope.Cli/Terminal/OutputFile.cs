using System.CommandLine;
using System.CommandLine.Parsing;

namespace Isotope.Cli.Terminal;

/// <summary>Options that name a file to write, looked at when the command line is read: before hours of work, and before anything is lost.</summary>
internal static class OutputFile
{
    /// <summary>A file that is not there yet: what it would replace may be a key, or hours of work.</summary>
    /// <param name="option">The option.</param>
    /// <param name="extensions">What its name may end in, in lower case.</param>
    public static T OfNewFile<T>(this T option, params string[] extensions)
        where T : Option => option.Checked(extensions, (_, full) => Path.Exists(full) ? "expected a new file, found one; give another name, or remove it first" : null);

    /// <summary>A file that is soon made again and may replace its like, but none of the command's inputs.</summary>
    /// <inheritdoc cref="OfNewFile"/>
    public static T OfFile<T>(this T option, params string[] extensions)
        where T : Option => option.Checked(extensions, (given, full) => Others(given).FirstOrDefault(token => Files(token.Value).Contains(full)) is { } input ? $"expected a file of its own, found an input, {input.Value}" : null);

    private static T Checked<T>(this T option, string[] extensions, Func<OptionResult, string, string?> findError)
        where T : Option
    {
        option.Validators.Add(given =>
        {
            if (given.Tokens is not [{ Value: { Length: > 0 } path }]) return;
            var full = Path.GetFullPath(path);
            var error = Path.GetDirectoryName(full) is { } folder && !Directory.Exists(folder) ? $"expected a folder to write to, found no {folder}"
                : !extensions.Contains(Path.GetExtension(full).ToLowerInvariant()) ? $"expected a name that ends in {string.Join(" or ", extensions)}, found '{Path.GetExtension(full)}'"
                : findError(given, full);
            if (error is not null) given.AddError($"{option.Name} {path}: {error}");
        });
        return option;
    }

    private static IEnumerable<Token> Others(OptionResult given) => ((CommandResult)given.Parent!).Children.Where(child => child != given).SelectMany(child => child.Tokens);

    /// <summary>What a value may name: FILE, or ARCHITECTURE:FILE.</summary>
    private static IEnumerable<string> Files(string value) =>
        new[] { value, value[(value.IndexOf(':', StringComparison.Ordinal) + 1)..] }.Where(path => path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal)).Select(Path.GetFullPath);
}
