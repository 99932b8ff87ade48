using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Files;
using nietras.SeparatedValues;

namespace Isotope.Datasets.Formats;

/// <summary>The kinds of lists: separated by commas and the like, JSON on each line, or a JSON array.</summary>
internal enum ListKind
{
    Separated,
    JsonLines,
    JsonArray,
}

/// <summary>Reads some columns of a list, in any of its kinds.</summary>
internal static class ListTable
{
    /// <summary>A JSON array is read at once, and takes several times its size.</summary>
    private const long LargestArray = 256L << 20;

    private static readonly char[] Separators = [',', ';', '\t'];
    private static readonly string[] LineExtensions = [".jsonl", ".ndjson"];
    private static readonly string[] SeparatedExtensions = [".csv", ".tsv", ".tab"];

    /// <summary>The kind of a list, which its extension tells; null for other files.</summary>
    public static ListKind? KindOf(string file) =>
        Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".json" => ListKind.JsonArray,
            var extension when LineExtensions.Contains(extension) => ListKind.JsonLines,
            var extension when SeparatedExtensions.Contains(extension) => ListKind.Separated,
            _ => null,
        };

    /// <summary>Reads columns of all rows that are not blank.</summary>
    /// <param name="file">The list.</param>
    /// <param name="choose">Chooses among the names of all columns.</param>
    /// <returns>The names that were chosen, and their cells in each row; a missing one is empty.</returns>
    /// <exception cref="IsotopeException">The list is damaged, or a column is missing.</exception>
    public static (string[] Names, List<string[]> Rows) Read(string file, Func<IReadOnlyList<string>, string[]> choose)
    {
        try
        {
            return KindOf(file) == ListKind.Separated ? ReadSeparated(file, choose) : ReadJson(file, choose);
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or NotSupportedException
                        or ArgumentException
                        or InvalidOperationException
                        or IOException
                        or InvalidDataException
                        or IndexOutOfRangeException
            )
        {
            throw new IsotopeException($"{file}: expected a list of images and labels, found: {Printable.Start(e.Message, 200)}", e);
        }
    }

    /// <summary>What separates the cells: what the first line has most of, a comma, a semicolon or a tab.</summary>
    public static char SeparatorOf(string file)
    {
        var first = File.ReadLines(file).FirstOrDefault(line => !string.IsNullOrWhiteSpace(line)) ?? "";
        return Separators.MaxBy(separator => first.Count(c => c == separator));
    }

    /// <summary>The rows of a JSON list.</summary>
    public static IEnumerable<JsonObject> Objects(string file)
    {
        var rows = KindOf(file) == ListKind.JsonLines ? Lines(file) : Array(file);
        return rows.Select(row => row as JsonObject ?? throw new InvalidDataException("a value that is no object"));
    }

    /// <summary>The text of a name of a column: without spaces and the quotes around it.</summary>
    public static string NameOf(string cell) => cell.Trim().Trim('"').Trim();

    private static IEnumerable<JsonNode?> Lines(string file) =>
        File.ReadLines(file).Where(line => !string.IsNullOrWhiteSpace(line)).Select(line => JsonNode.Parse(line));

    private static JsonArray Array(string file)
    {
        var length = new FileInfo(file).Length;
        if (length > LargestArray)
            throw new InvalidDataException($"{length >> 20} MiB of JSON, where at most {LargestArray >> 20} are read; write JSON lines");
        using var stream = File.OpenRead(file);
        var node = JsonNode.Parse(stream);
        return node as JsonArray
            ?? throw new InvalidDataException(
                node is JsonObject { Count: > 0 } other && other.ContainsKey("annotations")
                    ? "annotations of objects (COCO); an image needs one class: write a CSV of path and label"
                    : "no array of objects"
            );
    }

    private static (string[] Names, List<string[]> Rows) ReadSeparated(string file, Func<IReadOnlyList<string>, string[]> choose)
    {
        using var reader = Sep.New(SeparatorOf(file))
            .Reader(options => options with { Unescape = true, HasHeader = false, DisableColCountCheck = true })
            .FromFile(file);
        string[]? names = null;
        var indices = System.Array.Empty<int>();
        var width = 0;
        var rows = new List<string[]>();
        foreach (var row in reader)
        {
            if (row.Span.IsWhiteSpace())
                continue;
            if (names is null)
            {
                string[] all = [.. row[..].ToStringsArray().Select(NameOf)];
                names = choose(all);
                indices = [.. names.Select(name => System.Array.IndexOf(all, name))];
                width = all.Length;
            }
            else if (row.ColCount != width)
                throw new InvalidDataException($"{row.ColCount} cells in line {row.LineNumberFrom}, where the first has {width}");
            else
                rows.Add([.. Cells(row, indices)]);
        }

        return (names ?? choose([]), rows);
    }

    private static string[] Cells(SepReader.Row row, int[] indices)
    {
        var cells = new string[indices.Length];
        for (var i = 0; i < cells.Length; i++)
            cells[i] = row[indices[i]].ToString().Trim();
        return cells;
    }

    private static (string[] Names, List<string[]> Rows) ReadJson(string file, Func<IReadOnlyList<string>, string[]> choose)
    {
        string[]? names = null;
        var rows = new List<string[]>();
        foreach (var row in Objects(file))
        {
            names ??= choose([.. row.Select(pair => pair.Key)]);
            rows.Add([.. names.Select(name => Text(row, name))]);
        }

        return (names ?? choose([]), rows);
    }

    private static string Text(JsonObject row, string column) =>
        row[column] switch
        {
            null => "",
            JsonValue value => value.ToString(),
            _ => throw new InvalidDataException($"several values in {Printable.Start(column)}, where one is expected"),
        };
}
