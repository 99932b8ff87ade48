using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Files;

namespace Isotope.Datasets;

/// <summary>One radioactive image.</summary>
/// <param name="Id">The vanilla image's id.</param>
/// <param name="File">The radioactive image's id in the output: its path below the folder where images are files.</param>
/// <param name="ClassName">Its class.</param>
/// <param name="Psnr">PSNR, dB; null where no pixel changed.</param>
/// <param name="MaxDifference">‖x̃ − x‖∞, grey levels.</param>
/// <param name="Displacement">(φ₀(x̃) − φ₀(x))ᵀu of the centre crops.</param>
/// <param name="SourceSha256">Hash of the vanilla image as it is stored.</param>
/// <param name="Sha256">Hash of the radioactive image as it is stored.</param>
/// <param name="PixelsSha256">Hash of its pixels (<see cref="PixelImage.Sha256"/>), by which it is known in any encoding.</param>
/// <param name="Thumbnail">The vanilla image in 12 × 12 grey pixels (base64), by which what looks like it is known; null in manifests of
/// earlier versions.</param>
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
);

/// <summary>
/// What was marked, with which settings. It names the radioactive images: keep it with the key, do not publish it.
/// </summary>
/// <param name="Settings">Version, options and input hashes of the run.</param>
/// <param name="Images">Radioactive images in the order of their ids.</param>
public sealed record Manifest([property: JsonRequired] JsonObject Settings, [property: JsonRequired] IReadOnlyList<MarkedImage> Images)
{
    /// <summary>Name of the setting that ties a manifest to its key.</summary>
    public const string KeyCommitment = "keyCommitment";

    /// <summary>Name of the setting that tells which dataset was marked.</summary>
    public const string DatasetSetting = "dataset";

    /// <summary>Name of the setting that says what has a carrier of its own.</summary>
    public const string UnitSetting = "unit";

    /// <summary>What settings say of a dataset.</summary>
    public static JsonObject Describe(Dataset dataset) =>
        new() { ["images"] = dataset.Images.Count, ["listingSha256"] = dataset.ListingSha256() };

    /// <summary>Where marking writes the manifest of an output folder: beside it, so that publishing the folder keeps it private.</summary>
    public static string PathFor(string folder) => AtomicFile.Beside(folder, ".manifest.json");

    /// <summary>The manifest beside a folder or one above it, nearest first; null where there is none.</summary>
    public static string? FindFor(string folder) => AtomicFile.FindBeside(folder, PathFor);

    /// <summary>What has a carrier of its own: a class, unless the settings say an image.</summary>
    [JsonIgnore]
    public MarkUnit Unit =>
        Enum.TryParse<MarkUnit>(Settings[UnitSetting]?.ToString(), ignoreCase: true, out var unit) ? unit : MarkUnit.Class;

    /// <summary>Whether the images were marked with the key of a commitment.</summary>
    public bool IsOfKey(string commitment) => AreOfKey(Settings, commitment);

    /// <summary>Whether a run's settings name the key of a commitment.</summary>
    internal static bool AreOfKey(JsonObject settings, string commitment) =>
        settings[KeyCommitment] is JsonValue value && value.TryGetValue<string>(out var own) && own == commitment;

    /// <summary>Writes it.</summary>
    public void Save(string path) => JsonFile.SavePrivate(path, this, ManifestJson.Default.Manifest);

    /// <summary>Reads one.</summary>
    /// <exception cref="IsotopeException">Missing or not a manifest.</exception>
    public static Manifest Load(string path) => JsonFile.Load(path, ManifestJson.Default.Manifest, "a manifest of marking");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
