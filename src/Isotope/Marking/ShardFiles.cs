using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Isotope.Datasets;
using Isotope.Files;

namespace Isotope.Marking;

/// <summary>The files of shards beside the output folder: a journal of each while it runs, then a manifest of each.</summary>
internal static partial class ShardFiles
{
    private const string Setting = "shard";

    /// <summary>The path of a running shard's journal.</summary>
    public static string JournalFor(string output, Shard shard) => FolderPath.Beside(output, $".{shard}.journal.jsonl");

    /// <summary>The path of a finished shard's manifest.</summary>
    public static string ManifestFor(string output, Shard shard) => FolderPath.Beside(output, $".{shard}.manifest.json");

    /// <summary>Adds the shard to the settings of the whole run.</summary>
    public static JsonObject SettingsOf(Shard shard, JsonObject whole)
    {
        whole[Setting] = shard.ToString();
        return whole;
    }

    /// <summary>The settings of the whole run, given those of a shard.</summary>
    public static JsonObject WholeOf(JsonObject settings)
    {
        var whole = settings.DeepClone().AsObject();
        whole.Remove(Setting);
        return whole;
    }

    /// <summary>The shards that have a journal or a manifest, in order.</summary>
    public static IReadOnlyList<Shard> Of(string output)
    {
        var path = FolderPath.Beside(output, "");
        var folder = Path.GetDirectoryName(path)!;
        var name = Path.GetFileName(path);
        if (!Directory.Exists(folder))
            return [];
        var shards = Directory
            .EnumerateFiles(folder, "*.shard-*")
            .Select(file => Path.GetFileName(file))
            .Where(file => file.StartsWith(name, StringComparison.Ordinal))
            .Select(file => Name().Match(file[name.Length..]))
            .Where(match => match.Success)
            .Select(match => new Shard(Number(match.Groups[1]), Number(match.Groups[2])));
        return [.. shards.Distinct().OrderBy(shard => shard.Count).ThenBy(shard => shard.Index)];

        static int Number(Group group) => int.Parse(group.ValueSpan, CultureInfo.InvariantCulture);
    }

    /// <summary>Requires the same settings as the other shards have, before this one begins: a merge would refuse others.</summary>
    /// <exception cref="IsotopeException">Another shard has other settings.</exception>
    public static void RequireAlike(string output, Shard shard, JsonObject settings)
    {
        if (Of(output).FirstOrDefault(other => other != shard) is not { } other)
            return;
        var journal = JournalFor(output, other);
        var manifest = ManifestFor(output, other);
        if (File.Exists(journal) && Journal<MarkedImage>.SettingsOf(journal) is { } running)
            RunSettings.RequireSame(journal, WholeOf(running), WholeOf(settings));
        else if (File.Exists(manifest))
            RunSettings.RequireSame(manifest, WholeOf(Manifest.Load(manifest).Settings), WholeOf(settings));
    }

    [GeneratedRegex(@"^\.shard-([0-9]{1,6})-of-([0-9]{1,6})\.(?:journal\.jsonl|manifest\.json)$")]
    private static partial Regex Name();
}
