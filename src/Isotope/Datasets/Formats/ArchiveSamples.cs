using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Files;

namespace Isotope.Datasets.Formats;

/// <summary>An image in an archive.</summary>
/// <param name="Archive">The name of the archive, without extensions.</param>
/// <param name="Image">The image.</param>
/// <param name="Label">Its label; null if none lies beside it.</param>
/// <param name="HasTexts">Whether other members, such as captions, share its name.</param>
internal sealed record ArchiveSample(string Archive, ArchiveMember Image, string? Label, bool HasTexts);

/// <summary>
/// Finds the labels beside images. The members of a sample share their name up to a dot, which may be any of the dots: <c>v1.0_7.jpg</c>
/// belongs to <c>v1.0_7.cls</c>, and <c>7.input.jpg</c> to <c>7.cls</c>.
/// </summary>
internal static class ArchiveSamples
{
    private const int MaxLabel = 1 << 20;
    private const string Json = ".json";
    private static readonly string[] LabelFields = [".cls", ".cls.txt", ".label", ".label.txt"];

    /// <summary>The images of an archive. In a sample of several, it is the one whose name has nothing but an extension.</summary>
    /// <exception cref="IsotopeException">A sample has several images, or its label is damaged.</exception>
    public static IEnumerable<ArchiveSample> Of(string file, IReadOnlyList<ArchiveMember> members, DatasetOptions options)
    {
        var asked = options.LabelColumn;
        var isField = asked is not null && members.Any(member => HasField(member, "." + asked.TrimStart('.')));
        string[] fields = isField ? ["." + asked!.TrimStart('.')] : LabelFields;
        var labels = new Dictionary<string, ArchiveMember>(StringComparer.Ordinal);
        foreach (var member in asked is null || isField ? members : [])
            if (fields.FirstOrDefault(field => HasField(member, field)) is { } field)
                labels.TryAdd(member.Name[..^field.Length], member);
        var samples = members.Where(member => !isField && HasField(member, Json)).ToLookup(member => member.Name[..^Json.Length]);
        var texts = members.Where(member => !member.IsImage).Select(member => StemOf(member.Name)).ToHashSet(StringComparer.Ordinal);

        var images = new List<(string? Key, ArchiveSample Sample)>();
        foreach (var image in members.Where(member => member.IsImage))
        {
            var key = KeysOf(image.Name).FirstOrDefault(key => labels.ContainsKey(key) || samples.Contains(key));
            var label = key is null ? null : LabelOf(key);
            images.Add((key, new ArchiveSample(ArchiveFormat.StemOf(file), image, label, KeysOf(image.Name).Any(texts.Contains))));
        }

        return images.GroupBy(image => image.Key).SelectMany(group => ImagesOf(file, group.Key, [.. group.Select(image => image.Sample)]));

        string? LabelOf(string key) => labels.TryGetValue(key, out var member) ? Text(member) : FieldOf(file, samples[key].First(), asked);

        IEnumerable<ArchiveSample> ImagesOf(string name, string? key, ArchiveSample[] sample)
        {
            if (options.ImageColumn is { } column)
                return sample.Where(image => HasField(image.Image, "." + column.TrimStart('.')));
            if (key is null || sample.Length == 1)
                return sample;
            var plain = sample.Where(image => Dataset.Stem(image.Image.Name) == key && !HasField(image.Image, ".npy")).ToArray();
            var fields = sample.Take(3).Select(image => Printable.Start(image.Image.Name.AsSpan(key.Length)));
            return plain.Length == 1
                ? plain
                : throw new IsotopeException(
                    $"{name}: expected one image in sample {Printable.Start(key)}, found {string.Join(" and ", fields)}; name one by "
                        + "--image-column"
                );
        }
    }

    /// <summary>The name up to each of its dots, the longest first.</summary>
    private static IEnumerable<string> KeysOf(string name)
    {
        var start = name.LastIndexOf('/') + 1;
        for (var dot = name.LastIndexOf('.'); dot >= start; dot = dot == 0 ? -1 : name.LastIndexOf('.', dot - 1))
            yield return name[..dot];
    }

    private static string StemOf(string name) => KeysOf(name).LastOrDefault() ?? name;

    private static bool HasField(ArchiveMember member, string field) => member.Name.EndsWith(field, StringComparison.OrdinalIgnoreCase);

    private static string? Text(ArchiveMember member) =>
        member.Length <= MaxLabel ? Encoding.UTF8.GetString(member.Source.Read()).Trim() : null;

    private static string? FieldOf(string file, ArchiveMember member, string? asked)
    {
        if (member.Length > MaxLabel)
            return null;
        try
        {
            if (JsonNode.Parse(member.Source.Read()) is not JsonObject sample)
                return null;
            string[] names = [.. sample.Where(field => field.Value is JsonValue).Select(field => field.Key)];
            return Columns.FindLabel($"{file}: {Printable.Start(member.Name)}", names, asked) is { } name ? sample[name]!.ToString() : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
