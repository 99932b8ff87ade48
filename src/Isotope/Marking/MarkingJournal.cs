using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Datasets;

namespace Isotope.Marking;

/// <summary>
/// What an unfinished run has done: the settings on the first line, then one line per radioactive image whose file is
/// complete. A kill leaves at most one unfinished last line, which is dropped.
/// </summary>
internal sealed class MarkingJournal : IDisposable
{
    private readonly string path;
    private readonly StreamWriter writer;

    private MarkingJournal(string path, IReadOnlyList<MarkedImage> done, StreamWriter writer) => (this.path, Done, this.writer) = (path, done, writer);

    /// <summary>Images that an earlier run finished; of an image that was marked twice, the last.</summary>
    public IReadOnlyList<MarkedImage> Done { get; }

    /// <summary>Where the journal of an output folder lies: beside it.</summary>
    public static string PathFor(string folder) => AtomicFile.Beside(folder, ".journal.jsonl");

    /// <summary>Starts a run, or resumes one.</summary>
    /// <exception cref="IsotopeException">An earlier run had other settings.</exception>
    public static MarkingJournal Open(string path, JsonObject settings)
    {
        var done = File.Exists(path) ? Read(path, settings) : [];

        // Written anew, so that an unfinished line is gone before the next one is appended.
        AtomicFile.WritePrivate(path, stream =>
        {
            using var lines = new StreamWriter(stream, leaveOpen: true);
            lines.WriteLine(settings.ToJsonString());
            foreach (var image in done) lines.WriteLine(Line(image));
        });
        return new MarkingJournal(path, done, new StreamWriter(path, append: true));
    }

    /// <summary>Records images whose files are complete.</summary>
    public void Append(IEnumerable<MarkedImage> images)
    {
        foreach (var image in images) writer.WriteLine(Line(image));
        writer.Flush();
    }

    /// <summary>Removes the journal of a finished run.</summary>
    public void Delete()
    {
        writer.Dispose();
        File.Delete(path);
    }

    /// <summary>Closes the file; it stays for the next run.</summary>
    public void Dispose() => writer.Dispose();

    private static string Line(MarkedImage image) => JsonSerializer.Serialize(image, JournalJson.Default.MarkedImage);

    private static List<MarkedImage> Read(string path, JsonObject settings)
    {
        var lines = File.ReadAllLines(path);
        RunSettings.RequireSame(path, lines.Length > 0 ? Parse(lines[0]) : null, settings);
        return [.. lines.Skip(1).Select(TryRead).OfType<MarkedImage>().GroupBy(image => image.File).Select(images => images.Last())];
    }

    private static JsonNode? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static MarkedImage? TryRead(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, JournalJson.Default.MarkedImage);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(MarkedImage))]
[JsonSerializable(typeof(MarkingOptions))]
internal sealed partial class JournalJson : JsonSerializerContext;
