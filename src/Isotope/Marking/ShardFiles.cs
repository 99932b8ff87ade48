using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Isotope.Datasets;
using Isotope.Files;

namespace Isotope.Marking;

/// <summary>What shards leave beside the output folder: a journal while they run, then a manifest each.</summary>
internal static partial class ShardFiles
{
    private const string Setting = "shard";

    /// <summary>Journal of a shard.</summary>
    public static string JournalFor(string output, Shard shard) => AtomicFile.Beside(output, $".{shard}.journal.jsonl");

    /// <summary>Manifest of a finished shard.</summary>
    public static string ManifestFor(string output, Shard shard) => AtomicFile.Beside(output, $".{shard}.manifest.json");

    /// <summary>Settings of a shard, given those of the whole.</summary>
    public static JsonObject SettingsOf(Shard shard, JsonObject whole)
    {
        whole[Setting] = shard.ToString();
        return whole;
    }

    /// <summary>Settings of the whole, given those of a shard.</summary>
    public static JsonObject WholeOf(JsonObject settings)
    {
        var whole = settings.DeepClone().AsObject();
        whole.Remove(Setting);
        return whole;
    }

    /// <summary>Shards that have left a journal or a manifest, in order.</summary>
    public static IReadOnlyList<Shard> Of(string output)
    {
        var (folder, name) = (Path.GetDirectoryName(AtomicFile.Beside(output, ""))!, Path.GetFileName(AtomicFile.Beside(output, "")));
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

    /// <summary>Requires that this shard's settings are those of the others, before its work: a merge would refuse them.</summary>
    /// <exception cref="IsotopeException">Another has other settings.</exception>
    public static void RequireAlike(string output, Shard shard, JsonObject settings)
    {
        if (Of(output).FirstOrDefault(other => other != shard) is not { } other)
            return;
        var (journal, manifest) = (JournalFor(output, other), ManifestFor(output, other));
        if (File.Exists(journal) && Journal<MarkedImage>.SettingsOf(journal) is { } running)
            RunSettings.RequireSame(journal, WholeOf(running), WholeOf(settings));
        else if (File.Exists(manifest))
            RunSettings.RequireSame(manifest, WholeOf(Manifest.Load(manifest).Settings), WholeOf(settings));
    }

    [GeneratedRegex(@"^\.shard-([0-9]{1,6})-of-([0-9]{1,6})\.(?:journal\.jsonl|manifest\.json)$")]
    private static partial Regex Name();
}
