using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Marking;

namespace Isotope.Cli.Commands.Marking;

/// <summary>What <c>mark</c> or <c>merge</c> did.</summary>
internal sealed record MarkReport(
    string Isotope,
    int Images,
    double? MeanPsnr,
    int MaxDifference,
    double MeanDisplacement,
    string Out,
    string? Manifest,
    string? Queries,
    string KeyCommitment
)
{
    private const int MostClassesListed = 12;
    private const int MostNamed = 5;

    /// <summary>How many images could not stay what they were, by what changed; the marked ones can be told by it.</summary>
    public IReadOnlyDictionary<string, int>? Changed { get; init; }

    /// <summary>Marked images of each class that has some.</summary>
    public required IReadOnlyDictionary<string, int> PerClass { get; init; }

    /// <summary>Chosen images that could not be marked, by id.</summary>
    public IReadOnlyList<string>? Skipped { get; init; }

    /// <summary>Whether marked images have another format than the rest, so that files tell which they are.</summary>
    public bool FilesTell { get; init; }

    /// <summary>I/N for one of several shards, which have no common manifest yet.</summary>
    public string? Shard { get; init; }

    public static MarkReport Of(Manifest manifest, string output, string? queries, string keyCommitment)
    {
        var summary = MarkingSummary.Of(manifest.Images);
        return new MarkReport(
            RunSettings.Version,
            summary.Images,
            summary.MeanPsnr,
            summary.MaxDifference,
            summary.MeanDisplacement,
            output,
            Datasets.Manifest.PathFor(output),
            queries,
            keyCommitment
        )
        {
            Skipped = manifest.Skipped.Count > 0 ? manifest.Skipped : null,
            PerClass = Counts(manifest.Images.Select(image => image.ClassName)),
            Changed = ChangesOf(manifest.Images),
            FilesTell = DatasetMarkingOptions.Of(manifest) is { UniformEncoding: false, Encoding.Format: not ImageFormat.Original },
        };
    }

    private static SortedDictionary<string, int>? ChangesOf(IEnumerable<MarkedImage> images)
    {
        var changes = Counts(images.Select(image => image.Changed).OfType<string>().SelectMany(changed => changed.Split(", ")));
        return changes.Count > 0 ? changes : null;
    }

    private static SortedDictionary<string, int> Counts(IEnumerable<string> names) =>
        new(names.CountBy(name => name).ToDictionary(), StringComparer.Ordinal);

    public static MarkReport Of(Shard shard, Manifest manifest, string output, string keyCommitment) =>
        Of(manifest, output, queries: null, keyCommitment) with
        {
            Shard = $"{shard.Index}/{shard.Count}",
            Manifest = null,
        };

    public void Write(Session session, ParseResult parsed) => session.Write(parsed, this, ReportJson.Default.MarkReport, Lines());

    private IEnumerable<string> Lines()
    {
        yield return $"marked      {Images} images in {Out}";
        yield return $"of classes  {ClassCounts()}";
        if (Skipped is { } skipped)
            yield return $"skipped     {skipped.Count} chosen images that can't be marked, kept as they are: {Some(skipped)}";
        yield return $"quality     {MeanPsnr:F1} dB on average, no pixel changed by more than {MaxDifference}";
        yield return $"mark        features moved by {MeanDisplacement:F2} along their carrier on average";
        if (FilesTell)
            yield return "files       tell which images are marked, by their format; without --format each keeps its own";
        foreach (var (what, count) in Changed ?? new Dictionary<string, int>())
            yield return $"changed     {count} marked images: {what}";
        if (Shard is not null)
            yield return $"shard       {Shard} is done; when all are, isotope merge makes one dataset and manifest of them";
        if (Manifest is not null)
            yield return $"manifest    {Manifest} (names the marked images: keep it with the key)";
        if (Queries is not null)
            yield return $"queries     {Queries} and {QuerySet.IndexFor(Queries)} (for detect black-box: keep both with the key)";
        yield return $"commitment  {KeyCommitment} (publish it with the dataset)";
    }

    private string ClassCounts() =>
        PerClass.Count <= MostClassesListed
            ? string.Join(", ", PerClass.Select(of => $"{of.Key} {of.Value}"))
            : $"{PerClass.Count}, {PerClass.Values.Min()} to {PerClass.Values.Max()} images each";

    private static string Some(IReadOnlyList<string> ids) =>
        string.Join(", ", ids.Take(MostNamed).Select(Printable.Line)) + (ids.Count > MostNamed ? ", …" : "");
}
