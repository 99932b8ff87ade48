using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Isotope.Files;

/// <summary>
/// What an unfinished run has done: the settings on the first line, then one JSON object a line for everything that is complete. A kill
/// leaves at most one unfinished last line, which is dropped.
/// </summary>
internal sealed class Journal<T> : IDisposable
    where T : class
{
    private readonly string path;
    private readonly JsonTypeInfo<T> type;
    private readonly StreamWriter writer;

    private Journal(string path, JsonTypeInfo<T> type) =>
        (this.path, this.type, writer) = (path, type, new StreamWriter(path, append: true));

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Starts a run, or resumes one.</summary>
    /// <param name="path">The file, readable by its owner alone.</param>
    /// <param name="settings">Of this run.</param>
    /// <param name="type">How an entry is written.</param>
    /// <param name="key">What an entry is of; of entries for the same, the last counts.</param>
    /// <exception cref="IsotopeException">An earlier run had other settings.</exception>
    public static Journal<T> Open(string path, JsonObject settings, JsonTypeInfo<T> type, Func<T, string> key)
    {
        T[] done = [];
        if (File.Exists(path))
        {
            RunSettings.RequireSame(path, SettingsOf(path), settings);
            done = [.. Entries(path, type).GroupBy(key).Select(entries => entries.Last())];
        }

        // Written anew, so that an unfinished line is gone before the next one is appended.
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
    /// What is done so far, in earlier runs and in this one, read from the file: a long run keeps it there and not in memory.
    /// </summary>
    public IEnumerable<T> Read()
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var lines = new StreamReader(stream);
        lines.ReadLine(); // the settings
        while (lines.ReadLine() is { } line)
            yield return JsonSerializer.Deserialize(line, type)!;
    }

    /// <summary>Records what is complete.</summary>
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
        File.Delete(path);
    }

    /// <summary>Closes the file; it stays for the next run.</summary>
    public void Dispose() => writer.Dispose();

    /// <summary>The settings of the run; null where the first line is none.</summary>
    public static JsonObject? SettingsOf(string path) =>
        Parse(File.ReadLines(path).FirstOrDefault(""), line => JsonNode.Parse(line) as JsonObject);

    /// <summary>The entries of a journal that nothing is known of, whatever its settings; what is none is left out.</summary>
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
