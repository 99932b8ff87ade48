using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Isotope.Files;

namespace Isotope.Reports;

/// <summary>What a study is about: the first line of its results.</summary>
/// <param name="Study">Name of the study.</param>
/// <param name="Title">What is done, in one line.</param>
/// <param name="Paper">Table, figure or section of the paper.</param>
/// <param name="Claim">What the paper shows there.</param>
/// <param name="Isotope">Version of Isotope that ran it.</param>
/// <param name="RowAxis">The axis whose values are the table's rows.</param>
/// <param name="ColumnAxis">The axis whose values are its columns; null for a single column.</param>
/// <param name="Measures">The measures that the table shows.</param>
internal sealed record StudyHeader(
    [property: JsonRequired] string Study,
    [property: JsonRequired] string Title,
    [property: JsonRequired] string Paper,
    [property: JsonRequired] string Claim,
    [property: JsonRequired] string Isotope,
    [property: JsonRequired] string RowAxis,
    string? ColumnAxis,
    [property: JsonRequired] IReadOnlyList<string> Measures
);

/// <summary>One experiment of a study.</summary>
/// <param name="Cell">Its value on every axis; cells that differ only in <c>seed</c> are repetitions.</param>
/// <param name="Seconds">Time it took, including the marks and models it made.</param>
/// <param name="Settings">All settings that determine it.</param>
/// <param name="Inputs">Hashes of its inputs, by name.</param>
/// <param name="Values">Measured values, by name.</param>
/// <param name="Series">Lists of numbers, by name.</param>
internal sealed record StudyCell(
    [property: JsonRequired] JsonObject Cell,
    double Seconds,
    JsonObject? Settings,
    IReadOnlyDictionary<string, string>? Inputs,
    [property: JsonRequired] IReadOnlyDictionary<string, double> Values,
    IReadOnlyDictionary<string, IReadOnlyList<double>>? Series
)
{
    /// <summary>Its value on an axis, as text; empty if it has none.</summary>
    public string At(string? axis) => axis is null ? "" : Cell[axis]?.ToString() ?? "";
}

/// <summary>A value over repetitions.</summary>
/// <param name="Count">n.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Least">The smallest.</param>
/// <param name="Most">The largest.</param>
internal readonly record struct Repetitions(int Count, double Mean, double Least, double Most)
{
    /// <summary>Summarises values; null if there are none.</summary>
    public static Repetitions? Of(IReadOnlyCollection<double> values) =>
        values.Count == 0 ? null : new Repetitions(values.Count, values.Average(), values.Min(), values.Max());
}

/// <summary>A study's results, one JSON object per line: the header, then the cells.</summary>
/// <param name="Header">What the study is about.</param>
/// <param name="Cells">Its experiments.</param>
internal sealed record StudyResults(StudyHeader Header, IReadOnlyList<StudyCell> Cells)
{
    private const long MostBytes = 1 << 28;

    /// <summary>Values on the axis of rows: numbers in ascending order, then texts in the order of the results.</summary>
    public IReadOnlyList<string> Rows => ValuesOn(Header.RowAxis);

    /// <summary>Values on the axis of columns; one empty text if there is no such axis.</summary>
    public IReadOnlyList<string> Columns => Header.ColumnAxis is { } axis ? ValuesOn(axis) : [""];

    /// <summary>Whether rows are numbers, so that a value can be plotted over them.</summary>
    public bool HasNumericRows => Cells.All(cell => cell.Cell[Header.RowAxis]?.GetValueKind() == JsonValueKind.Number);

    /// <summary>The columns of the table that are not empty: value on the axis of columns, measure, and heading.</summary>
    internal IReadOnlyList<(string Column, string Measure, string Heading)> TableColumns =>
        [
            .. from column in Columns
            from measure in Header.Measures
            where Rows.Any(row => At(row, column, measure) is not null)
            select (column, measure, HeadingOf(column, measure)),
        ];

    /// <summary>Settings that are the same in every cell, by their dotted names.</summary>
    public IReadOnlyList<(string Name, string Value)> CommonSettings
    {
        get
        {
            var all = Cells
                .Where(cell => cell.Settings is not null)
                .Select(cell => Flat("", cell.Settings).DistinctBy(setting => setting.Name).ToDictionary())
                .ToArray();
            if (all is not [var first, .. var others])
                return [];
            var common = first.Where(setting => others.All(other => other.GetValueOrDefault(setting.Key) == setting.Value));
            return [.. common.Select(setting => (setting.Key, setting.Value))];
        }
    }

    /// <summary>A value's repetitions in a row and column of the table; null if it was not measured.</summary>
    public Repetitions? At(string row, string column, string value) =>
        Repetitions.Of([.. CellsAt(row, column).Where(cell => cell.Values.ContainsKey(value)).Select(cell => cell.Values[value])]);

    /// <summary>The experiments in a row and column of the table.</summary>
    public IEnumerable<StudyCell> CellsAt(string row, string column) =>
        Cells.Where(cell => cell.At(Header.RowAxis) == row && (Header.ColumnAxis is null || cell.At(Header.ColumnAxis) == column));

    /// <summary>Reads results.</summary>
    /// <exception cref="IsotopeException">The file can't be read, or holds something else; the message names the line.</exception>
    public static StudyResults Load(string path)
    {
        var lines = UntrustedFile.Guard(path, () => LinesOf(path));
        if (lines.Length == 0)
            throw new IsotopeException($"{path}: expected results of a study, found an empty file");
        var header = Parse(lines[0], ReportsJson.Default.StudyHeader, HasMeasures);
        return new StudyResults(header, [.. lines.Skip(1).Select(line => Parse(line, ReportsJson.Default.StudyCell, HasNumbers))]);

        static bool HasMeasures(StudyHeader header) => header.Measures.Count > 0 && !header.Measures.Contains(null!);
        static bool HasNumbers(StudyCell cell) => cell.Series is null || cell.Series.Values.All(numbers => numbers is { Count: > 0 });

        T Parse<T>((int Index, string Item) line, JsonTypeInfo<T> type, Predicate<T> isSound)
        {
            try
            {
                JsonFile.Check(line.Item);
                return JsonSerializer.Deserialize(line.Item, type) is { } parsed && isSound(parsed) ? parsed : throw new JsonException();
            }
            catch (JsonException e)
            {
                throw new IsotopeException(
                    $"{path}: expected results of a study (a JSON object a line, with measures, and numbers in every series), found "
                        + $"something else in line {line.Index + 1}",
                    e
                );
            }
        }
    }

    /// <summary>The lines of a file that are not empty, with their indices.</summary>
    private static (int Index, string Item)[] LinesOf(string path)
    {
        if (new FileInfo(path).Length > MostBytes)
            throw UntrustedFile.Unexpected($"results of a study, at most {MostBytes >> 20} MB", "a larger file");
        return [.. File.ReadLines(path).Index().Where(line => line.Item.Length > 0)];
    }

    private string HeadingOf(string column, string measure)
    {
        var axis = Header.ColumnAxis is "q" ? "q = " : "";
        return column.Length == 0 ? Measure.Name(measure) : $"{Measure.Name(measure)}; {axis}{column}";
    }

    private static IEnumerable<(string Name, string Value)> Flat(string name, JsonNode? settings) =>
        settings is JsonObject parts
            ? parts.SelectMany(part => Flat(name.Length == 0 ? part.Key : $"{name}.{part.Key}", part.Value))
            : [(name, settings is JsonValue value ? value.ToString() : settings?.ToJsonString() ?? "none")];

    private string[] ValuesOn(string axis) =>
        [
            .. Cells
                .Select(cell => cell.Cell[axis])
                .OfType<JsonNode>()
                .DistinctBy(value => value.ToString())
                .OrderBy(value => value.GetValueKind() == JsonValueKind.Number ? (double)value : double.PositiveInfinity)
                .Select(value => value.ToString()),
        ];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StudyHeader))]
[JsonSerializable(typeof(StudyCell))]
[JsonSerializable(typeof(TrainingFacts))]
internal sealed partial class ReportsJson : JsonSerializerContext;
