using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Isotope.Files;

/// <summary>
/// What an unfinished run has done: its settings on the first line, then one JSON object per line for each completed item. A killed run
/// leaves at most one incomplete last line, which is dropped.
/// </summary>
internal sealed class Journal<T> : IDisposable
    where T : class
{
    private readonly JsonTypeInfo<T> type;
    private readonly StreamWriter writer;

    private Journal(string path, JsonTypeInfo<T> type)
    {
        Path = path;
        this.type = type;
        writer = new StreamWriter(path, append: true);
    }

    /// <summary>The journal's file.</summary>
    public string Path { get; }

    /// <summary>Starts a run, or resumes one.</summary>
    /// <param name="path">The journal's file; only its owner can read it.</param>
    /// <param name="settings">The settings of this run.</param>
    /// <param name="type">How an entry is written.</param>
    /// <param name="key">Identifies an entry's item; the last entry of an item counts.</param>
    /// <exception cref="IsotopeException">An earlier run had other settings.</exception>
    public static Journal<T> Open(string path, JsonObject settings, JsonTypeInfo<T> type, Func<T, string> key)
    {
        T[] done = [];
        if (File.Exists(path))
        {
            RunSettings.RequireSame(path, SettingsOf(path), settings);
            done = [.. Entries(path, type).GroupBy(key).Select(entries => entries.Last())];
        }

        // Rewritten, so that an incomplete line is gone before the next one is appended.
        AtomicFile.WritePrivate(
            path,
            stream =>
            {
                using var lines = new StreamWriter(stream, leaveOpen: true);
                lines.WriteLine(settings.ToJsonString());
                foreach (var entry in done)
                    lines.WriteLine(JsonSerializer.Serialize(entry, type));
            }
        );
        return new Journal<T>(path, type);
    }

    /// <summary>
    /// The entries so far, of earlier runs and of this one. They are read from the file, so that a long run does not hold them in memory.
    /// </summary>
    public IEnumerable<T> Read()
    {
        using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var lines = new StreamReader(stream);
        lines.ReadLine(); // the settings
        while (lines.ReadLine() is { } line)
            yield return JsonSerializer.Deserialize(line, type)!;
    }

    /// <summary>Records completed items.</summary>
    public void Append(IEnumerable<T> entries)
    {
        foreach (var entry in entries)
            writer.WriteLine(JsonSerializer.Serialize(entry, type));
        writer.Flush();
    }

    /// <summary>Removes the journal of a finished run.</summary>
    public void Delete()
    {
        writer.Dispose();
        File.Delete(Path);
    }

    /// <summary>Closes the file; it stays for the next run.</summary>
    public void Dispose() => writer.Dispose();

    /// <summary>The settings of a journal's run; null if the first line is not a JSON object.</summary>
    public static JsonObject? SettingsOf(string path) =>
        Parse(File.ReadLines(path).FirstOrDefault(""), line => JsonNode.Parse(line) as JsonObject);

    /// <summary>The entries of any journal, whatever its settings. Lines that are not entries are skipped.</summary>
    public static IEnumerable<T> Entries(string path, JsonTypeInfo<T> type) =>
        File.ReadLines(path).Skip(1).Select(line => Parse(line, text => JsonSerializer.Deserialize(text, type))).OfType<T>();

    private static TLine? Parse<TLine>(string line, Func<string, TLine?> parse)
        where TLine : class
    {
        try
        {
            JsonFile.Check(line);
            return parse(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
