using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Files;
using Isotope.Reports;

namespace Isotope.Cli.Studies;

/// <summary>A grid of experiments: common settings, and axes whose values are combined, each combination with each.</summary>
internal sealed record Recipe
{
    private const int MostCells = 10_000;
    private const string NameOfValue = "name";
    private const string SettingsOfValue = "settings";

    /// <summary>Its name, of which files are called.</summary>
    public required string Study { get; init; }

    /// <summary>What is done, in a line.</summary>
    public required string Title { get; init; }

    /// <summary>Table, figure or section of the paper.</summary>
    public required string Paper { get; init; }

    /// <summary>What the paper shows there.</summary>
    public required string Claim { get; init; }

    /// <summary>Axis of the table's rows.</summary>
    public required string RowAxis { get; init; }

    /// <summary>Axis of the table's columns; null for one.</summary>
    public string? ColumnAxis { get; init; }

    /// <summary>Values that the table shows.</summary>
    public required IReadOnlyList<string> Measures { get; init; }

    /// <summary>Settings of all cells (<see cref="CellSettings"/>).</summary>
    public required JsonObject Settings { get; init; }

    /// <summary>
    /// Values by axis. A number or text is a setting of the axis's name; an object has a <c>name</c> and the <c>settings</c> that it stands
    /// for.
    /// </summary>
    public required JsonObject Axes { get; init; }

    /// <summary>What is otherwise in the quick form: settings and axes.</summary>
    public QuickForm? Quick { get; init; }

    /// <summary>Reads a recipe.</summary>
    /// <exception cref="IsotopeException">It can't be read, or is none.</exception>
    public static Recipe Load(string path)
    {
        var recipe = JsonFile.Load(path, StudyJson.Default.Recipe, "a recipe of a study");
        if (recipe.Study.Length == 0 || recipe.Study.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-'))
            throw new IsotopeException($"{path}: expected a study named by letters, digits and '-', found '{recipe.Study}'");
        foreach (var axis in (string?[])[recipe.RowAxis, recipe.ColumnAxis])
            if (axis is not null && !recipe.Axes.ContainsKey(axis))
                throw new IsotopeException(
                    $"{path}: expected an axis {axis} for the table, found {string.Join(", ", recipe.Axes.Select(a => a.Key))}"
                );
        if (recipe.Measures.Count == 0)
            throw new IsotopeException($"{path}: expected measures for the table, found none");
        if (recipe.Measures.FirstOrDefault(name => !Measured.Names.Contains(name)) is { } unknown)
            throw new IsotopeException($"{path}: expected measures of {string.Join(", ", Measured.Names)}, found '{unknown}'");
        return recipe;
    }

    /// <summary>The quick form, under a name of its own.</summary>
    /// <exception cref="IsotopeException">There is none.</exception>
    public Recipe AsQuick()
    {
        var quick = Quick ?? throw new IsotopeException($"{Study}: expected a quick form for --quick, found none");
        return this with
        {
            Study = $"{Study}-quick",
            Title = $"{Title} (quick form)",
            Settings = Merged(Settings, quick.Settings),
            Axes = Merged(Axes, quick.Axes),
            Quick = null,
        };
    }

    /// <summary>All combinations, the last axis fastest.</summary>
    /// <exception cref="IsotopeException">A value can't be used.</exception>
    public IReadOnlyList<GridCell> Cells()
    {
        var count = Axes.Aggregate(1.0, (product, axis) => product * (axis.Value as JsonArray)?.Count ?? 0);
        if (count > MostCells)
            throw new IsotopeException($"{Study}: expected at most {MostCells} combinations of values, found {count}");
        IEnumerable<GridCell> cells = [new([], (JsonObject)Settings.DeepClone())];
        foreach (var (axis, values) in Axes)
        {
            var all =
                values as JsonArray
                ?? throw new IsotopeException($"{Study}: expected a list of values for axis {axis}, found {values?.ToJsonString()}");
            cells =
            [
                .. cells.SelectMany(cell =>
                    all.Select(value =>
                        cell.At(axis, value ?? throw new IsotopeException($"{Study}: expected values for axis {axis}, found null"))
                    )
                ),
            ];
        }

        return [.. cells];
    }

    /// <summary>The cells at some places of the grid: on every axis that is named, at one of the values named for it.</summary>
    /// <param name="only">AXIS=VALUE each; none for all cells.</param>
    /// <exception cref="IsotopeException">There is no such axis or value.</exception>
    public IReadOnlyList<GridCell> Cells(IReadOnlyList<string> only)
    {
        var cells = Cells();
        var wanted = only.Select(place => Parse(place, cells)).ToLookup(place => place.Axis, place => place.Value);
        return [.. cells.Where(cell => wanted.All(axis => axis.Contains(cell.ValueAt(axis.Key))))];
    }

    private (string Axis, string Value) Parse(string place, IReadOnlyList<GridCell> cells)
    {
        var (axis, value) = place.Split('=', 2) is [var before, var after] ? (before, after) : (place, "");
        if (!Axes.ContainsKey(axis))
            throw new IsotopeException(
                $"--only {place}: expected AXIS=VALUE with an axis of {Study} ({string.Join(", ", Axes.Select(a => a.Key))}), found "
                    + $"'{axis}'"
            );
        string[] values = [.. cells.Select(cell => cell.ValueAt(axis)).Distinct()];
        return values.Contains(value)
            ? (axis, value)
            : throw new IsotopeException(
                $"--only {place}: expected a value of {axis} in {Study} ({string.Join("; ", values)}), found '{value}'"
            );
    }

    /// <summary>One object over another, objects within them likewise.</summary>
    internal static JsonObject Merged(JsonObject under, JsonObject? over)
    {
        var merged = (JsonObject)under.DeepClone();
        foreach (var (name, value) in over ?? [])
            merged[name] = merged[name] is JsonObject before && value is JsonObject after ? Merged(before, after) : value?.DeepClone();
        return merged;
    }

    /// <summary>One combination of values.</summary>
    /// <param name="Place">What it is called on each axis.</param>
    /// <param name="Settings">Its settings.</param>
    internal sealed record GridCell(JsonObject Place, JsonObject Settings)
    {
        /// <summary>What it is called on an axis.</summary>
        public string ValueAt(string axis) => Place[axis]!.ToString();

        public GridCell At(string axis, JsonNode value)
        {
            var (name, settings) = value is JsonObject named
                ? (
                    named[NameOfValue]
                        ?? throw new IsotopeException($"axis {axis}: expected a name beside settings, found {named.ToJsonString()}"),
                    named[SettingsOfValue] as JsonObject
                )
                : (value, new JsonObject { [axis] = value.DeepClone() });
            return new GridCell(Merged(Place, new JsonObject { [axis] = name.DeepClone() }), Merged(Settings, settings));
        }
    }
}

/// <summary>What is otherwise in the quick form.</summary>
internal sealed record QuickForm
{
    /// <summary>Settings over the recipe's.</summary>
    public JsonObject? Settings { get; init; }

    /// <summary>Axes in the place of the recipe's.</summary>
    public JsonObject? Axes { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(Recipe))]
[JsonSerializable(typeof(CellSettings))]
[JsonSerializable(typeof(StudyCell))]
[JsonSerializable(typeof(StudyHeader))]
[JsonSerializable(typeof(StudiesReport))]
[JsonSerializable(typeof(TrainingFacts))]
internal sealed partial class StudyJson : JsonSerializerContext;
