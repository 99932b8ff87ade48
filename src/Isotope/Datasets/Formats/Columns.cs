using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>Chooses the columns of a table that hold images, labels and splits, by what is asked for or by usual names.</summary>
internal static class Columns
{
    /// <summary>Usual names, the likeliest first, in lower case without underscores and the like.</summary>
    private static readonly string[] Images =
    [
        "path",
        "filename",
        "file",
        "filepath",
        "image",
        "imagepath",
        "imagename",
        "imagefile",
        "img",
        "imgpath",
        "imgname",
        "imageid",
        "id",
    ];

    private static readonly string[] Labels = ["label", "labels", "finelabel"];

    /// <summary>Names that are taken if there is only one of them: others may be coarser, or mean something else.</summary>
    private static readonly string[] OtherLabels = ["class", "classname", "classid", "category", "categoryname", "categoryid", "target"];

    private static readonly string[] SplitNames = ["split", "subset", "partition"];

    /// <summary>The most columns that a message names.</summary>
    private const int MostNamed = 12;

    /// <summary>The column of images.</summary>
    /// <param name="source">What errors call the table.</param>
    /// <param name="names">The columns to choose from.</param>
    /// <param name="asked">The name that was asked for; null if none was.</param>
    /// <exception cref="IsotopeException">There is no such column.</exception>
    public static string Image(string source, IReadOnlyList<string> names, string? asked) =>
        Asked(source, names, asked, "--image-column")
        ?? First(names, Images)
        ?? throw new IsotopeException(
            $"{source}: expected a column of images (path, file_name, image, id …), or --image-column, found {Shown(names)}"
        );

    /// <summary>The column of labels.</summary>
    /// <inheritdoc cref="Image"/>
    public static string Label(string source, IReadOnlyList<string> names, string? asked) =>
        FindLabel(source, names, asked)
        ?? throw new IsotopeException(
            $"{source}: expected a column of labels (label, class …), or --label-column, found {Shown(names)}; an image without a class "
                + "has no carrier, so add one"
        );

    /// <summary>Like <see cref="Label"/>; null if there is none.</summary>
    public static string? FindLabel(string source, IReadOnlyList<string> names, string? asked)
    {
        if ((Asked(source, names, asked, "--label-column") ?? First(names, Labels)) is { } label)
            return label;
        string[] others = [.. names.Where(name => OtherLabels.Contains(Plain(name)))];
        return others.Length <= 1
            ? others.FirstOrDefault()
            : throw new IsotopeException($"{source}: expected one column of labels, found {Shown(others)}; name one by --label-column");
    }

    /// <summary>The column of splits; null if there is none.</summary>
    public static string? FindSplit(IReadOnlyList<string> names) => First(names, SplitNames);

    /// <summary>The column that was asked for; null if none was.</summary>
    /// <exception cref="IsotopeException">There is no such column.</exception>
    public static string? Asked(string source, IReadOnlyList<string> names, string? asked, string option) =>
        asked is null || names.Contains(asked)
            ? asked
            : throw new IsotopeException($"{option}: expected a column of {source} ({Shown(names)}), found '{Printable.Start(asked)}'");

    /// <summary>Refuses columns for a format that has none.</summary>
    /// <exception cref="IsotopeException">One was asked for.</exception>
    public static void RequireNone(string path, DatasetOptions options)
    {
        if ((options.ImageColumn ?? options.LabelColumn) is { } asked)
            throw new IsotopeException($"--image-column, --label-column: expected none for {path}, which has no columns, found {asked}");
    }

    private static string? First(IReadOnlyList<string> names, string[] usual) =>
        usual.Select(name => names.FirstOrDefault(column => Plain(column) == name)).FirstOrDefault(column => column is not null);

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private static string Shown(IEnumerable<string> names)
    {
        string[] shown = [.. names.Take(MostNamed + 1).Select(name => Printable.Start(name))];
        return shown.Length == 0 ? "none" : string.Join(", ", shown.Take(MostNamed)) + (shown.Length > MostNamed ? ", …" : "");
    }
}
