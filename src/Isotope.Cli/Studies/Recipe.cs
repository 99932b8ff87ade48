using System.Text.Json.Nodes;
using Isotope.Files;

namespace Isotope.Cli.Studies;

/// <summary>A grid of experiments: common settings, and axes whose values are combined, each with each.</summary>
internal sealed record Recipe
{
    private const int MostCells = 10_000;

    /// <summary>The study's name, and that of its files.</summary>
    public required string Study { get; init; }

    /// <summary>What is done, in a line.</summary>
    public required string Title { get; init; }

    /// <summary>Table, figure or section of the paper.</summary>
    public required string Paper { get; init; }

    /// <summary>What the paper shows there.</summary>
    public required string Claim { get; init; }

    /// <summary>Axis of the table's rows.</summary>
    public required string RowAxis { get; init; }

    /// <summary>Axis of the table's columns; null for one column.</summary>
    public string? ColumnAxis { get; init; }

    /// <summary>Values that the table shows.</summary>
    public required IReadOnlyList<string> Measures { get; init; }

    /// <summary>Settings of all cells (<see cref="CellSettings"/>).</summary>
    public required JsonObject Settings { get; init; }

    /// <summary>
    /// Values by axis. A number or text is a setting with the axis's name; an object has a <c>name</c> and the <c>settings</c> that it
    /// stands for.
    /// </summary>
    public required JsonObject Axes { get; init; }

    /// <summary>What the quick form changes.</summary>
    public QuickForm? Quick { get; init; }

    /// <exception cref="IsotopeException">It can't be read, or is not a recipe.</exception>
    public static Recipe Load(string path)
    {
        var recipe = JsonFile.Load(path, StudyJson.Default.Recipe, "a recipe of a study");
        if (recipe.Study.Length == 0 || recipe.Study.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-'))
            throw new IsotopeException($"{path}: expected a study named by letters, digits and '-', found '{recipe.Study}'");
        foreach (var axis in (string?[])[recipe.RowAxis, recipe.ColumnAxis])
            if (axis is not null && !recipe.Axes.ContainsKey(axis))
                throw new IsotopeException($"{path}: expected an axis {axis} for the table, found {recipe.AxisNames}");
        if (recipe.Measures.Count == 0)
            throw new IsotopeException($"{path}: expected measures for the table, found none");
        if (recipe.Measures.FirstOrDefault(name => !Measured.Names.Contains(name)) is { } unknown)
            throw new IsotopeException($"{path}: expected measures of {string.Join(", ", Measured.Names)}, found '{unknown}'");
        return recipe;
    }

    /// <summary>The quick form, under a name of its own.</summary>
    /// <exception cref="IsotopeException">The recipe has none.</exception>
    public Recipe AsQuick()
    {
        var quick = Quick ?? throw new IsotopeException($"{Study}: expected a quick form for --quick, found none");
        return this with
        {
            Study = $"{Study}-quick",
            Title = $"{Title} (quick form)",
            Settings = Settings.MergedWith(quick.Settings),
            Axes = Axes.MergedWith(quick.Axes),
            Quick = null,
        };
    }

    /// <summary>All combinations, the last axis fastest.</summary>
    /// <exception cref="IsotopeException">A value can't be used, or there are too many combinations.</exception>
    public IReadOnlyList<GridCell> Cells()
    {
        var count = Axes.Aggregate(1.0, (product, axis) => product * ((axis.Value as JsonArray)?.Count ?? 0));
        if (count > MostCells)
            throw new IsotopeException($"{Study}: expected at most {MostCells} combinations of values, found {count}");
        List<GridCell> cells = [new([], (JsonObject)Settings.DeepClone())];
        foreach (var (axis, _) in Axes)
        {
            var values = ValuesOf(axis);
            cells = [.. cells.SelectMany(cell => values.Select(value => cell.At(axis, value)))];
        }

        return cells;
    }

    /// <summary>The cells in a part of the grid: on every axis that is named, at one of the values named for it.</summary>
    /// <param name="only">Each AXIS=VALUE; none for all cells.</param>
    /// <exception cref="IsotopeException">There is no such axis or value.</exception>
    public IReadOnlyList<GridCell> Cells(IReadOnlyList<string> only)
    {
        var cells = Cells();
        var wanted = only.Select(text => ParsePlace(text, cells)).ToLookup(place => place.Axis, place => place.Value);
        return [.. cells.Where(cell => wanted.All(axis => axis.Contains(cell.ValueAt(axis.Key))))];
    }

    private string AxisNames => string.Join(", ", Axes.Select(axis => axis.Key));

    private JsonNode[] ValuesOf(string axis)
    {
        if (Axes[axis] is not JsonArray values)
            throw new IsotopeException($"{Study}: expected a list of values for axis {axis}, found {Axes[axis]?.ToJsonString()}");
        if (values.Contains(null))
            throw new IsotopeException($"{Study}: expected values for axis {axis}, found null");
        return [.. values.OfType<JsonNode>()];
    }

    private (string Axis, string Value) ParsePlace(string text, IReadOnlyList<GridCell> cells)
    {
        var parts = text.Split('=', 2);
        var axis = parts[0];
        var value = parts.ElementAtOrDefault(1) ?? "";
        if (!Axes.ContainsKey(axis))
            throw new IsotopeException($"--only {text}: expected AXIS=VALUE with an axis of {Study} ({AxisNames}), found '{axis}'");
        string[] values = [.. cells.Select(cell => cell.ValueAt(axis)).Distinct()];
        if (!values.Contains(value))
            throw new IsotopeException(
                $"--only {text}: expected a value of {axis} in {Study} ({string.Join("; ", values)}), found '{value}'"
            );
        return (axis, value);
    }
}

/// <summary>What the quick form of a recipe changes.</summary>
internal sealed record QuickForm
{
    /// <summary>Settings that override the recipe's.</summary>
    public JsonObject? Settings { get; init; }

    /// <summary>Axes that replace the recipe's.</summary>
    public JsonObject? Axes { get; init; }
}
