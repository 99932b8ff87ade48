using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Files;
using nietras.SeparatedValues;

namespace Isotope.Datasets.Formats;

/// <summary>The file of a list of images, which can be written again with other paths.</summary>
/// <param name="Path">The file.</param>
/// <param name="PathColumn">The name of the column of paths.</param>
internal sealed record ImageList(string Path, string PathColumn)
{
    /// <summary>
    /// Writes the list with some paths replaced, by the ids of the images. All other lines stay the same, but all end as the first one
    /// does.
    /// </summary>
    public void Rewrite(IReadOnlyDictionary<string, string> paths, Stream output)
    {
        var (encoding, newLine, lastEnds) = Form();
        using var writer = new StreamWriter(output, encoding, leaveOpen: true);
        var isFirst = true;
        foreach (var line in ImageLists.IsJson(Path) ? JsonLines(paths) : CsvLines(paths))
        {
            if (!isFirst)
                writer.Write(newLine);
            isFirst = false;
            writer.Write(line);
        }

        if (lastEnds)
            writer.Write(newLine);
    }

    /// <summary>The encoding, with or without a byte order mark; how the first line ends; and whether the last one ends so too.</summary>
    private (Encoding Encoding, string NewLine, bool LastEnds) Form()
    {
        using var file = File.OpenRead(Path);
        var start = new byte[Encoding.UTF8.Preamble.Length];
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var hasMark = Encoding.UTF8.Preamble.SequenceEqual(start.AsSpan(0, length));
        file.Position = 0;
        var before = 0;
        for (var next = file.ReadByte(); next is not ('\n' or -1); next = file.ReadByte())
            before = next;
        file.Seek(-1, SeekOrigin.End);
        return (new UTF8Encoding(hasMark), before == '\r' ? "\r\n" : "\n", file.ReadByte() == '\n');
    }

    private IEnumerable<string> JsonLines(IReadOnlyDictionary<string, string> paths)
    {
        foreach (var line in File.ReadLines(Path))
        {
            if (
                line.Length > 0
                && JsonNode.Parse(line) is JsonObject row
                && DatasetPath.SafeId(row[PathColumn]?.ToString()) is { } id
                && paths.TryGetValue(id, out var path)
            )
            {
                row[PathColumn] = path;
                yield return row.ToJsonString(ImageLists.AsWritten);
            }
            else
            {
                yield return line;
            }
        }
    }

    private IEnumerable<string> CsvLines(IReadOnlyDictionary<string, string> paths)
    {
        using var reader = Sep.New(',').Reader(options => options with { HasHeader = false }).FromFile(Path);
        var column = -1;
        foreach (var row in reader)
        {
            var cells = row[..].ToStringsArray(); // with their quotes
            if (column < 0)
                column = Array.FindIndex(cells, cell => cell.Trim('"') == PathColumn);
            else if (DatasetPath.SafeId(Unquoted(cells[column])) is { } id && paths.TryGetValue(id, out var path))
                cells[column] = Quoted(path, cells[column]);
            yield return string.Join(',', cells);
        }
    }

    private static string Unquoted(string cell) =>
        cell is ['"', .., '"'] ? cell[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : cell;

    /// <summary>A cell in quotes, if it needs them or the cell that it replaces had them.</summary>
    private static string Quoted(string cell, string before) =>
        before.StartsWith('"') || cell.AsSpan().ContainsAny(',', '"')
            ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : cell;
}

/// <summary>
/// CSV or JSONL lists of images. A column <c>path</c> or <c>file_name</c> has paths below the list's folder, relative to it, and a column
/// <c>label</c> has the names or numbers of classes. Ids are the paths.
/// </summary>
internal sealed class ImageLists : DatasetFormat
{
    /// <summary>Writes text as it is, not escaped for web pages.</summary>
    public static readonly JsonSerializerOptions AsWritten = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private const string ColumnNames = "columns path (or file_name) and label";
    private static readonly string[] PathColumns = ["path", "file_name"];

    /// <inheritdoc/>
    protected override bool IsInFolders => false;

    /// <summary>Whether a list has a JSON object on each line.</summary>
    public static bool IsJson(string file) => Path.GetExtension(file) is ".jsonl" or ".ndjson";

    /// <inheritdoc/>
    protected override bool Recognises(string file, ReadOnlySpan<byte> start) => IsJson(file) || Path.GetExtension(file) == ".csv";

    /// <inheritdoc/>
    protected override Dataset Open(string root, IReadOnlyList<string> files)
    {
        var (column, rows) = Guarded(root, () => IsJson(root) ? ReadJson(root) : ReadCsv(root));
        var folder = DatasetPath.FolderOf(root);
        var (names, labels) = ClassLabels.Of(root, [.. rows.Select(row => row.Label)]);
        string[] ids = [.. rows.Select(row => IdOf(root, row.Path))];
        if (ids.CountBy(id => id, StringComparer.Ordinal).FirstOrDefault(same => same.Value > 1) is { Key: { } repeated, Value: var times })
            throw new IsotopeException($"{root}: expected each path once, found {repeated} {times} times");
        if (ids.Length == 0)
            throw new IsotopeException($"{root}: expected a row for each image, found none");
        return new Dataset(root, names, [.. ids.Zip(labels, (id, label) => new LabelledImage(id, Path.Combine(folder, id), label))])
        {
            List = new ImageList(root, column),
        };
    }

    private static string IdOf(string root, string path) =>
        DatasetPath.SafeId(path)
        ?? throw new IsotopeException($"{root}: expected paths below the list's folder, found '{Printable.Start(path)}'");

    private static (string Column, List<(string Path, string Label)> Rows) ReadCsv(string file)
    {
        using var reader = Sep.New(',').Reader(options => options with { Unescape = true }).FromFile(file);
        var names = reader.Header.ColNames;
        var column = PathColumns.FirstOrDefault(name => names.Contains(name));
        if (column is null || !names.Contains("label"))
            throw Columns(string.Join(", ", names));
        var rows = new List<(string, string)>();
        foreach (var row in reader)
            rows.Add((row[column].ToString(), row["label"].ToString()));
        return (column, rows);
    }

    private static (string Column, List<(string Path, string Label)> Rows) ReadJson(string file)
    {
        var objects = File.ReadLines(file)
            .Where(line => line.Length > 0)
            .Select(line => JsonNode.Parse(line) as JsonObject ?? throw Columns("another value"));
        var first = objects.FirstOrDefault();
        var column = PathColumns.FirstOrDefault(name => first?[name] is not null) ?? throw Columns("others");
        return (column, [.. objects.Select(row => (Text(row, column), Text(row, "label")))]);
    }

    private static string Text(JsonObject row, string column) =>
        row[column] is JsonValue value ? value.ToString() : throw Columns($"a line without {column}");

    private static InvalidDataException Columns(string found) => new($"{ColumnNames}, found {found}");

    private static T Guarded<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            throw new IsotopeException($"{path}: expected a list of images with {Printable.Start(e.Message, 200)}", e);
        }
        catch (Exception e)
            when (e is JsonException or NotSupportedException or ArgumentException or InvalidOperationException or IOException)
        {
            throw new IsotopeException(
                $"{path}: expected a list of images with {ColumnNames}, found: {Printable.Start(e.Message, 200)}",
                e
            );
        }
    }
}
