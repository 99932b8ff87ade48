using System.CommandLine;

namespace Isotope.Cli.Terminal;

/// <summary>Options that name a file which long work ends with.</summary>
internal static class OutputFile
{
    /// <summary>Looks for the file's folder when the command line is read, before the work.</summary>
    public static T OfFileToWrite<T>(this T option)
        where T : Option
    {
        option.Validators.Add(given =>
        {
            var path = given.Tokens is [{ Value: { Length: > 0 } value }] ? value : null;
            if (path is not null && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
                given.AddError($"{option.Name} {path}: expected a folder to write to, found no {folder}");
        });
        return option;
    }
}
