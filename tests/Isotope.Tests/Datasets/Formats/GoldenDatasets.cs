using System.Text.Json.Nodes;
using Isotope.Datasets;

namespace Isotope.Tests.Datasets.Formats;

/// <summary>Files written by other tools (make_golden.py, make_parquet.cs), and the values that these tools read from them.</summary>
internal static class GoldenDatasets
{
    private static readonly JsonNode Expected = JsonNode.Parse(File.ReadAllText(PathOf("expected.json")))!;

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Datasets", "Formats", "Golden", name);

    /// <summary>The hash of an image file's pixels.</summary>
    public static string PixelsOf(string name) => Expected[name]!.ToString();

    /// <summary>The hashes of the pixels of all images of a dataset.</summary>
    public static string[] AllPixelsOf(string name) => [.. Expected[name]!.AsArray().Select(hash => hash!.ToString())];

    /// <summary>Copies files into a folder of their own, where they can be opened, changed or marked.</summary>
    public static string Copy(TemporaryFolder folder, params string[] names)
    {
        Directory.CreateDirectory(folder.File("vanilla"));
        foreach (var name in names)
            File.Copy(PathOf(name), Path.Combine(folder.File("vanilla"), Path.GetFileName(name)));
        return folder.File("vanilla");
    }

    /// <summary>Writes the images of a dataset as files in a folder, with a list of them.</summary>
    public static string WriteList(TemporaryFolder folder, string name, Func<int, string> line, string? header = null)
    {
        var images = Dataset.Open(PathOf("hf.parquet")).Images;
        Directory.CreateDirectory(folder.File("vanilla/sub"));
        foreach (var (i, image) in images.Index())
            File.WriteAllBytes(folder.File($"vanilla/sub/{i}.jpg"), image.Source.Read());
        File.WriteAllLines(
            folder.File($"vanilla/{name}"),
            [.. header is null ? [] : new[] { header }, .. images.Select((_, i) => line(i))]
        );
        return folder.File($"vanilla/{name}");
    }
}
