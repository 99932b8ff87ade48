using System.CommandLine;
using System.CommandLine.Parsing;

namespace Isotope.Cli.Terminal;

/// <summary>Options that name a file to write.</summary>
internal static class OutputFile
{
    /// <summary>Looks, when the command line is read, whether the file's folder is there and whether the file is none of the command's inputs, such as the key.</summary>
    public static T OfFileToWrite<T>(this T option)
        where T : Option
    {
        option.Validators.Add(given =>
        {
            if (given.Tokens is not [{ Value: { Length: > 0 } path }]) return;
            var full = Path.GetFullPath(path);
            if (Path.GetDirectoryName(full) is { } folder && !Directory.Exists(folder))
                given.AddError($"{option.Name} {path}: expected a folder to write to, found no {folder}");
            else if (Others(given).FirstOrDefault(token => Files(token.Value).Contains(full)) is { } input)
                given.AddError($"{option.Name} {path}: expected a file of its own, found an input, {input.Value}");
        });
        return option;
    }

    private static IEnumerable<Token> Others(OptionResult given) => ((CommandResult)given.Parent!).Children.Where(child => child != given).SelectMany(child => child.Tokens);

    /// <summary>What a value may name: FILE, or ARCHITECTURE:FILE.</summary>
    private static IEnumerable<string> Files(string value) =>
        new[] { value, value[(value.IndexOf(':', StringComparison.Ordinal) + 1)..] }.Where(path => path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal)).Select(Path.GetFullPath);
}
