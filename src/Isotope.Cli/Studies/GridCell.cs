using System.Text.Json.Nodes;

namespace Isotope.Cli.Studies;

/// <summary>One combination of a recipe's values.</summary>
/// <param name="Place">Its value's name on each axis.</param>
/// <param name="Settings">Its settings.</param>
internal sealed record GridCell(JsonObject Place, JsonObject Settings)
{
    /// <summary>The name of its value on an axis.</summary>
    public string ValueAt(string axis) => Place[axis]!.ToString();

    /// <summary>This cell at a value of one more axis.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="value">A setting with the axis's name, or an object with a name and settings.</param>
    /// <exception cref="IsotopeException">The object has no name.</exception>
    public GridCell At(string axis, JsonNode value)
    {
        if (value is not JsonObject named)
            return With(axis, value, new JsonObject { [axis] = value.DeepClone() });
        var name =
            named["name"] ?? throw new IsotopeException($"axis {axis}: expected a name beside settings, found {named.ToJsonString()}");
        return With(axis, name, named["settings"] as JsonObject);
    }

    private GridCell With(string axis, JsonNode name, JsonObject? settings) =>
        new(Place.MergedWith(new JsonObject { [axis] = name.DeepClone() }), Settings.MergedWith(settings));
}

/// <summary>Merging of JSON objects.</summary>
internal static class JsonMerging
{
    /// <summary>A copy with another object's values over this one's; objects within objects are merged too.</summary>
    public static JsonObject MergedWith(this JsonObject under, JsonObject? over)
    {
        var merged = (JsonObject)under.DeepClone();
        foreach (var (name, value) in over ?? [])
            merged[name] = merged[name] is JsonObject before && value is JsonObject after ? before.MergedWith(after) : value?.DeepClone();
        return merged;
    }
}
