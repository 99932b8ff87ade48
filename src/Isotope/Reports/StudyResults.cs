using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Isotope.Files;

namespace Isotope.Reports;

/// <summary>What a study is of: the first line of its results.</summary>
/// <param name="Study">Its name.</param>
/// <param name="Title">What is done, in a line.</param>
/// <param name="Paper">Table, figure or section of the paper.</param>
/// <param name="Claim">What the paper shows there.</param>
/// <param name="Isotope">Version that ran it.</param>
/// <param name="RowAxis">Axis of the table's rows.</param>
/// <param name="ColumnAxis">Axis of its columns; null for one.</param>
/// <param name="Measures">Values that the table shows.</param>
public sealed record StudyHeader(
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
/// <param name="Cell">Its place on every axis; cells that differ in <c>seed</c> alone are repetitions.</param>
/// <param name="Seconds">Time it took, with what it made of marks and models.</param>
/// <param name="Settings">Everything it follows from.</param>
/// <param name="Inputs">Hashes of its inputs by name.</param>
/// <param name="Values">What was measured, by name.</param>
/// <param name="Series">Lists of numbers, by name.</param>
public sealed record StudyCell(
    [property: JsonRequired] JsonObject Cell,
    double Seconds,
    JsonObject? Settings,
    IReadOnlyDictionary<string, string>? Inputs,
    [property: JsonRequired] IReadOnlyDictionary<string, double> Values,
    IReadOnlyDictionary<string, IReadOnlyList<double>>? Series
)
{
    /// <summary>Its place on an axis, as text; empty where it has none.</summary>
    public string At(string? axis) => axis is null ? "" : Cell[axis]?.ToString() ?? "";
}

/// <summary>Repetitions of one value.</summary>
/// <param name="Count">n.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Least">The smallest.</param>
/// <param name="Most">The largest.</param>
public readonly record struct Repetitions(int Count, double Mean, double Least, double Most)
{
    /// <summary>Of values; null of none.</summary>
    public static Repetitions? Of(IReadOnlyCollection<double> values) =>
        values.Count == 0 ? null : new Repetitions(values.Count, values.Average(), values.Min(), values.Max());
}

/// <summary>A study's results, one JSON object a line: what it is of, then its cells.</summary>
/// <param name="Header">What it is of.</param>
/// <param name="Cells">Its cells.</param>
public sealed record StudyResults(StudyHeader Header, IReadOnlyList<StudyCell> Cells)
{
    private const long MostBytes = 1 << 28;

    /// <summary>Places on the axis of rows: numbers in their order, before texts in theirs.</summary>
    public IReadOnlyList<string> Rows => PlacesOn(Header.RowAxis);

    /// <summary>Places on the axis of columns; one empty text where there is no such axis.</summary>
    public IReadOnlyList<string> Columns => Header.ColumnAxis is { } axis ? PlacesOn(axis) : [""];

    /// <summary>Whether rows are numbers, so that a value can be drawn over them.</summary>
    public bool HasNumericRows => Cells.All(cell => cell.Cell[Header.RowAxis]?.GetValueKind() == JsonValueKind.Number);

    /// <summary>The columns of the table that have a value: place on the axis of columns, measure, and the heading.</summary>
    internal IReadOnlyList<(string Column, string Measure, string Heading)> TableColumns =>
        [
            .. from column in Columns
            from measure in Header.Measures
            where Rows.Any(row => At(row, column, measure) is not null)
            select (column, measure, HeadingOf(column, measure)),
        ];

    /// <summary>Settings that every cell has alike, by their dotted names.</summary>
    public IReadOnlyList<(string Name, string Value)> CommonSettings
    {
        get
        {
            var all = Cells
                .Where(cell => cell.Settings is not null)
                .Select(cell => Flat("", cell.Settings).DistinctBy(setting => setting.Name).ToDictionary())
                .ToArray();
            return all is [var first, .. var others]
                ?
                [
                    .. first
                        .Where(setting => others.All(other => other.GetValueOrDefault(setting.Key) == setting.Value))
                        .Select(setting => (setting.Key, setting.Value)),
                ]
                : [];
        }
    }

    /// <summary>A value's repetitions at a place of the table; null where it was not measured.</summary>
    public Repetitions? At(string row, string column, string value) =>
        Repetitions.Of([.. CellsAt(row, column).Where(cell => cell.Values.ContainsKey(value)).Select(cell => cell.Values[value])]);

    /// <summary>The cells at a place of the table.</summary>
    public IEnumerable<StudyCell> CellsAt(string row, string column) =>
        Cells.Where(cell => cell.At(Header.RowAxis) == row && (Header.ColumnAxis is null || cell.At(Header.ColumnAxis) == column));

    /// <summary>Reads results.</summary>
    /// <exception cref="IsotopeException">The file can't be read, or holds something else; the message names the line.</exception>
    public static StudyResults Load(string path)
    {
        var lines = UntrustedFile.Guard(
            path,
            () =>
                new FileInfo(path).Length > MostBytes
                    ? throw UntrustedFile.Unexpected($"results of a study, at most {MostBytes >> 20} MB", "a larger file")
                    : File.ReadLines(path).Index().Where(line => line.Item.Length > 0).ToArray()
        );
        if (lines.Length == 0)
            throw new IsotopeException($"{path}: expected results of a study, found an empty file");
        return new StudyResults(
            Parse(lines[0], ReportsJson.Default.StudyHeader, header => header.Measures.Count > 0 && !header.Measures.Contains(null!)),
            [
                .. lines
                    .Skip(1)
                    .Select(line =>
                        Parse(
                            line,
                            ReportsJson.Default.StudyCell,
                            cell => cell.Series is null || cell.Series.Values.All(numbers => numbers is { Count: > 0 })
                        )
                    ),
            ]
        );

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

    private string HeadingOf(string column, string measure) =>
        column.Length == 0 ? Measure.Name(measure) : $"{Measure.Name(measure)}; {(Header.ColumnAxis is "q" ? "q = " : "")}{column}";

    private static IEnumerable<(string Name, string Value)> Flat(string name, JsonNode? settings) =>
        settings is JsonObject parts
            ? parts.SelectMany(part => Flat(name.Length == 0 ? part.Key : $"{name}.{part.Key}", part.Value))
            : [(name, settings is JsonValue value ? value.ToString() : settings?.ToJsonString() ?? "none")];

    private string[] PlacesOn(string axis) =>
        [
            .. Cells
                .Select(cell => cell.Cell[axis])
                .OfType<JsonNode>()
                .DistinctBy(place => place.ToString())
                .OrderBy(place => place.GetValueKind() == JsonValueKind.Number ? (double)place : double.PositiveInfinity)
                .Select(place => place.ToString()),
        ];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StudyHeader))]
[JsonSerializable(typeof(StudyCell))]
[JsonSerializable(typeof(TrainingFacts))]
internal sealed partial class ReportsJson : JsonSerializerContext;
