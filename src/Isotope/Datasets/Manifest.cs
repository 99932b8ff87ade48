using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Files;

namespace Isotope.Datasets;

/// <summary>A radioactive image of a manifest.</summary>
/// <param name="Id">The vanilla image's id.</param>
/// <param name="File">The radioactive image's id in the output; its path below the folder if each image is a file.</param>
/// <param name="ClassName">The name of its class.</param>
/// <param name="Psnr">Its PSNR, dB; null if no pixel changed.</param>
/// <param name="MaxDifference">The largest change of a pixel, ‖x̃ − x‖∞, grey levels.</param>
/// <param name="Displacement">The displacement of the features along the carrier, (φ₀(x̃) − φ₀(x))ᵀu, for the centre crops.</param>
/// <param name="SourceSha256">SHA-256 of the stored vanilla image.</param>
/// <param name="Sha256">SHA-256 of the stored radioactive image.</param>
/// <param name="PixelsSha256">SHA-256 of its pixels (<see cref="PixelImage.Sha256"/>), which identifies it in any encoding.</param>
/// <param name="Thumbnail">The vanilla image in 12 × 12 grey pixels (base64), to recognise look-alikes; null in manifests of earlier
/// versions.</param>
public sealed record MarkedImage(
    [property: JsonRequired] string Id,
    [property: JsonRequired] string File,
    [property: JsonRequired] string ClassName,
    double? Psnr,
    int MaxDifference,
    double Displacement,
    [property: JsonRequired] string SourceSha256,
    [property: JsonRequired] string Sha256,
    [property: JsonRequired] string PixelsSha256,
    string? Thumbnail = null
)
{
    /// <summary>What of the original's file could not stay as it was, in a few words; null if all could.</summary>
    public string? Changed { get; init; }
}

/// <summary>
/// Which images were marked, and with which settings. Keep it with the key; publishing it would reveal the marked images.
/// </summary>
/// <param name="Settings">Version, options and input hashes of the run.</param>
/// <param name="Images">The radioactive images, in the dataset's order.</param>
public sealed record Manifest([property: JsonRequired] JsonObject Settings, [property: JsonRequired] IReadOnlyList<MarkedImage> Images)
{
    /// <summary>The name of the setting that ties a manifest to its key.</summary>
    public const string KeyCommitment = "keyCommitment";

    /// <summary>The name of the setting that identifies the dataset.</summary>
    public const string DatasetSetting = "dataset";

    /// <summary>The name of the setting for <see cref="Skipped"/>.</summary>
    internal const string SkippedSetting = "skipped";

    /// <summary>The name of the setting for <see cref="Unit"/>.</summary>
    public const string UnitSetting = "unit";

    /// <summary>The setting that identifies a dataset.</summary>
    public static JsonObject Describe(Dataset dataset) =>
        new() { ["images"] = dataset.Images.Count, ["listingSha256"] = dataset.ListingSha256() };

    /// <summary>The path of an output folder's manifest, beside the folder, so that it is not published by accident.</summary>
    public static string PathFor(string folder) => FolderPath.Beside(folder, ".manifest.json");

    /// <summary>The manifest of a folder or of the nearest folder above it; null if there is none.</summary>
    public static string? FindFor(string folder) => FolderPath.FindBeside(folder, PathFor);

    /// <summary>Whether a class or an image has a carrier of its own; a class unless the settings say otherwise.</summary>
    [JsonIgnore]
    public MarkUnit Unit =>
        Enum.TryParse<MarkUnit>(Settings[UnitSetting]?.ToString(), ignoreCase: true, out var unit) ? unit : MarkUnit.Class;

    /// <summary>Ids of images that were chosen, but could not be marked; they stayed as they were.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Skipped => Settings[SkippedSetting] is JsonArray ids ? [.. ids.Select(id => $"{id}")] : [];

    /// <summary>Whether the images were marked with the key that has this commitment.</summary>
    public bool IsOfKey(string commitment) => AreOfKey(Settings, commitment);

    /// <summary>Whether a run's settings name the key that has this commitment.</summary>
    internal static bool AreOfKey(JsonObject settings, string commitment) =>
        settings[KeyCommitment] is JsonValue value && value.TryGetValue<string>(out var own) && own == commitment;

    /// <summary>Writes the manifest; only its owner can read the file.</summary>
    /// <exception cref="IsotopeException">It can't be written.</exception>
    public void Save(string path) => JsonFile.SavePrivate(path, this, ManifestJson.Default.Manifest);

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="IsotopeException">The file is missing, or not a manifest.</exception>
    public static Manifest Load(string path) => JsonFile.Load(path, ManifestJson.Default.Manifest, "a manifest of marking");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
