using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Datasets;
using Isotope.Files;

namespace Isotope.Marking;

/// <summary>The journal of marking: one line for each radioactive image whose file is complete.</summary>
internal static class MarkingJournal
{
    /// <summary>The path of an output folder's journal, beside the folder.</summary>
    public static string PathFor(string folder) => FolderPath.Beside(folder, ".journal.jsonl");

    /// <summary>Starts a run, or resumes one.</summary>
    /// <exception cref="IsotopeException">An earlier run had other settings.</exception>
    public static Journal<MarkedImage> Open(string path, JsonObject settings) =>
        Journal<MarkedImage>.Open(path, settings, JournalJson.Default.MarkedImage, image => image.File);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(MarkedImage))]
[JsonSerializable(typeof(MarkingOptions))]
internal sealed partial class JournalJson : JsonSerializerContext;
