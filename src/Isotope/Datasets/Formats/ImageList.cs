using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using nietras.SeparatedValues;

namespace Isotope.Datasets.Formats;

/// <summary>The file of a list of images, which can be written again with other paths.</summary>
/// <param name="Path">The file.</param>
/// <param name="PathColumn">The name of the column of paths.</param>
/// <param name="Prefix">What the list leaves out at the start of paths, such as <c>train/</c>.</param>
/// <param name="Suffix">What it leaves out at their end, such as <c>.jpg</c>.</param>
internal sealed record ImageList(string Path, string PathColumn, string Prefix = "", string Suffix = "")
{
    /// <summary>Text as it is, not escaped for web pages.</summary>
    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The id of the image that a cell names; null if its path leads elsewhere.</summary>
    public string? IdOf(string? cell) => cell is null ? null : DatasetPath.SafeId(Prefix + cell.Trim() + Suffix);

    /// <summary>
    /// Writes the list with some paths replaced, by the ids of the images. All other lines stay the same, but all end as the first one
    /// does. Without paths to replace it stays as it is.
    /// </summary>
    public void Rewrite(IReadOnlyDictionary<string, string> paths, Stream output)
    {
        if (paths.Count == 0 || Suffix.Length > 0)
        {
            using var file = File.OpenRead(Path);
            file.CopyTo(output);
            return;
        }

        var (encoding, newLine, lastEnds) = Form();
        using var writer = new StreamWriter(output, encoding, leaveOpen: true);
        var isFirst = true;
        foreach (var line in Lines(paths))
        {
            if (!isFirst)
                writer.Write(newLine);
            isFirst = false;
            writer.Write(line);
        }

        if (lastEnds)
            writer.Write(newLine);
    }

    private IEnumerable<string> Lines(IReadOnlyDictionary<string, string> paths) =>
        ListTable.KindOf(Path) switch
        {
            ListKind.Separated => CsvLines(paths),
            ListKind.JsonLines => JsonLines(paths),
            _ => [ArrayText(paths)],
        };

    /// <summary>The encoding, with or without a byte order mark; how the first line ends; and whether the last one ends so too.</summary>
    private (Encoding Encoding, string NewLine, bool LastEnds) Form()
    {
        using var reader = new StreamReader(Path);
        var last = '\0';
        string? newLine = null;
        for (var next = reader.Read(); next >= 0; next = reader.Read())
        {
            if (next == '\n')
                newLine ??= last == '\r' ? "\r\n" : "\n";
            last = (char)next;
        }

        var encoding = reader.CurrentEncoding;
        using var file = File.OpenRead(Path);
        var start = new byte[4];
        file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var hasMark = !encoding.Preamble.IsEmpty && start.AsSpan().StartsWith(encoding.Preamble);
        return (hasMark ? encoding : new UTF8Encoding(false), newLine ?? "\n", last == '\n');
    }

    private IEnumerable<string> JsonLines(IReadOnlyDictionary<string, string> paths)
    {
        foreach (var line in File.ReadLines(Path))
            yield return !string.IsNullOrWhiteSpace(line) && JsonNode.Parse(line) is JsonObject row && Replace(row, paths)
                ? row.ToJsonString(AsWritten)
                : line;
    }

    /// <summary>An array, on one line or indented as it was.</summary>
    private string ArrayText(IReadOnlyDictionary<string, string> paths)
    {
        using var stream = File.OpenRead(Path);
        var array = JsonNode.Parse(stream)!.AsArray();
        foreach (var row in array)
            Replace(row!.AsObject(), paths);
        var isIndented = File.ReadLines(Path).Skip(1).Any();
        return array.ToJsonString(new JsonSerializerOptions(AsWritten) { WriteIndented = isIndented });
    }

    private bool Replace(JsonObject row, IReadOnlyDictionary<string, string> paths)
    {
        if (IdOf(row[PathColumn]?.ToString()) is not { } id || !paths.TryGetValue(id, out var path))
            return false;
        row[PathColumn] = path[Prefix.Length..];
        return true;
    }

    private IEnumerable<string> CsvLines(IReadOnlyDictionary<string, string> paths)
    {
        var separator = ListTable.SeparatorOf(Path);
        using var reader = Sep.New(separator)
            .Reader(options => options with { HasHeader = false, DisableColCountCheck = true })
            .FromFile(Path);
        var column = -1;
        foreach (var row in reader)
        {
            var cells = row[..].ToStringsArray(); // with their quotes
            if (column < 0)
                column = Array.FindIndex(cells, cell => ListTable.NameOf(cell) == PathColumn);
            else if (column < cells.Length && IdOf(Unquoted(cells[column])) is { } id && paths.TryGetValue(id, out var path))
                cells[column] = Quoted(path[Prefix.Length..], cells[column], separator);
            yield return string.Join(separator, cells);
        }
    }

    private static string Unquoted(string cell) =>
        cell is ['"', .., '"'] ? cell[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : cell;

    /// <summary>A cell in quotes, if it needs them or the cell that it replaces had them.</summary>
    private static string Quoted(string cell, string before, char separator) =>
        before.StartsWith('"') || cell.AsSpan().ContainsAny(separator, '"')
            ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : cell;
}
