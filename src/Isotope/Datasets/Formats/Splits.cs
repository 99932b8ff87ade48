using System.Text.RegularExpressions;
using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>The names of splits in paths: <c>train-0001.tar</c>, <c>data/validation-…</c>, <c>t10k-images…</c>.</summary>
internal static partial class Splits
{
    internal const string Train = "train";
    private const string Test = "test";
    private const string Validation = "val";

    /// <summary>The files of the asked split; without one those for training, if their names tell which these are, else all.</summary>
    /// <exception cref="IsotopeException">No file is of the asked split.</exception>
    public static IReadOnlyList<string> FilesOf(string root, IReadOnlyList<string> files, string? split)
    {
        string[] own = [.. files.Where(file => Has(Relative(root, file), split ?? Train))];
        if (own.Length > 0 || split is null)
            return own.Length > 0 ? own : files;
        throw Missing(root, split, files.Select(file => Relative(root, file)));
    }

    /// <summary>The exception for a split that is not there.</summary>
    public static IsotopeException Missing(string root, string split, IEnumerable<string> found)
    {
        const int mostNamed = 6;
        string[] names = [.. found.Take(mostNamed + 1)];
        var shown = string.Join(", ", names.Take(mostNamed).Select(name => Printable.Start(name)));
        return new IsotopeException(
            $"--split: expected a split of {root}, found {split} in none of {shown}{(names.Length > mostNamed ? ", …" : "")}"
        );
    }

    /// <summary>Whether a path names a split.</summary>
    public static bool Has(string path, string split)
    {
        var asked = Canonical(split);
        return Words()
                .Matches(path.ToLowerInvariant())
                .Any(word => word.Value.Equals(split, StringComparison.OrdinalIgnoreCase) || Canonical(word.Value) == asked)
            || (asked == Test && path.Contains("t10k", StringComparison.Ordinal))
            || (asked == Train && IsTraining(path));
    }

    /// <summary>Whether a folder's name is the name of a split, and nothing else.</summary>
    public static bool IsName(string folder) => Canonical(folder) is Train or Test or Validation;

    /// <summary>One name for all that mean the same.</summary>
    public static string Canonical(string split) =>
        split.ToLowerInvariant() switch
        {
            "train" or "training" => Train,
            "test" or "testing" => Test,
            "val" or "valid" or "validation" or "dev" => Validation,
            var other => other,
        };

    private static bool IsTraining(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return name.Contains(Train, StringComparison.OrdinalIgnoreCase) || name.StartsWith("data_batch", StringComparison.Ordinal);
    }

    private static string Relative(string root, string file) => DatasetPath.Relative(DatasetPath.FolderOf(root), file);

    [GeneratedRegex("[a-z]+")]
    private static partial Regex Words();
}
