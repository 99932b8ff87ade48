using System.Reflection;
using System.Text.Json.Nodes;

namespace Isotope.Files;

/// <summary>The settings of a run, saved beside its output. A run can only be resumed with the same settings.</summary>
internal static class RunSettings
{
    /// <summary>This library's version, recorded in every output.</summary>
    public static string Version { get; } =
        typeof(RunSettings).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Refuses to resume with other settings.</summary>
    /// <param name="path">The file that holds the earlier settings.</param>
    /// <param name="earlier">The settings of the interrupted run.</param>
    /// <param name="now">The settings of this run.</param>
    /// <exception cref="IsotopeException">They differ; the message names the first difference.</exception>
    public static void RequireSame(string path, JsonNode? earlier, JsonNode? now)
    {
        if (Difference(earlier, now, "") is { } difference)
            throw new IsotopeException(
                $"{path}: expected to resume with the same settings, found {difference}; repeat them, or delete this file and the "
                    + "output to start anew"
            );
    }

    private static string? Difference(JsonNode? earlier, JsonNode? now, string name)
    {
        if (JsonNode.DeepEquals(earlier, now))
            return null;
        if (earlier is not JsonObject before || now is not JsonObject after)
            return $"{name} = {now?.ToJsonString() ?? "none"} instead of {earlier?.ToJsonString() ?? "none"}";
        return before
            .Select(pair => pair.Key)
            .Union(after.Select(pair => pair.Key))
            .Select(key => Difference(before[key], after[key], name.Length == 0 ? key : $"{name}.{key}"))
            .First(difference => difference is not null);
    }
}
