using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Datasets.Formats;
using Isotope.Files;

namespace Isotope.Datasets;

/// <summary>An image to ask a black box about.</summary>
/// <param name="File">Its path below the query folder: the class, and a name that reveals nothing.</param>
/// <param name="Id">The vanilla image's id.</param>
/// <param name="ClassName">The name of its class.</param>
/// <param name="Version">0 for the published version, 1 or more for a counterfactual one, null for the vanilla image.</param>
/// <param name="Sha256">SHA-256 of the file.</param>
public sealed record QueryImage(
    [property: JsonRequired] string File,
    [property: JsonRequired] string Id,
    [property: JsonRequired] string ClassName,
    int? Version,
    [property: JsonRequired] string Sha256
);

/// <summary>
/// The index of a folder of query images: marked images, their counterfactual versions and their vanilla originals, to ask a black box
/// about (paper §3.5). The index tells them apart: keep it with the key. Publish nothing of the folder before the model has answered.
/// </summary>
/// <param name="Settings">Version, options and input hashes of the run.</param>
/// <param name="Unit">What has versions: a class or an image.</param>
/// <param name="Versions">The number of versions K, including the published one.</param>
/// <param name="ClassNames">All classes, in the order of their labels.</param>
/// <param name="Images">All images, in the order of their files.</param>
public sealed record QuerySet(
    [property: JsonRequired] JsonObject Settings,
    [property: JsonRequired] MarkUnit Unit,
    [property: JsonRequired] int Versions,
    [property: JsonRequired] IReadOnlyList<string> ClassNames,
    [property: JsonRequired] IReadOnlyList<QueryImage> Images
)
{
    /// <summary>The least K.</summary>
    internal const int FewestVersions = 2;

    /// <summary>The largest K.</summary>
    internal const int MostVersions = 10_000;

    /// <summary>The name of the setting for <see cref="IsMadeAnew"/>.</summary>
    internal const string MadeAnewSetting = "publishedVersionMadeAnew";

    private const string FolderSuffix = ".queries";
    private const string Suffix = ".json";

    /// <summary>The path of the folder of query images, beside the marked folder.</summary>
    public static string FolderFor(string marked) => FolderPath.Beside(marked, FolderSuffix);

    /// <summary>The path of a query folder's index, beside the folder.</summary>
    public static string IndexFor(string folder) => FolderPath.Beside(folder, Suffix);

    /// <summary>
    /// Whether the published version was made anew with the others, because marking did not reproduce the published images.
    /// </summary>
    [JsonIgnore]
    public bool IsMadeAnew => Settings[MadeAnewSetting] is JsonValue value && value.TryGetValue<bool>(out var anew) && anew;

    /// <summary>The index of a folder or of the nearest folder above it; null if there is none.</summary>
    public static string? FindFor(string folder) =>
        FolderPath.FindBeside(folder, above => above.EndsWith(FolderSuffix, StringComparison.Ordinal) ? IndexFor(above) : null);

    /// <summary>Whether the images were made with the key that has this commitment.</summary>
    public bool IsOfKey(string commitment) => Manifest.AreOfKey(Settings, commitment);

    /// <summary>Writes the index of a query folder; only its owner can read the file.</summary>
    /// <exception cref="IsotopeException">It can't be written.</exception>
    public void Save(string folder) => JsonFile.SavePrivate(IndexFor(folder), this, QuerySetJson.Default.QuerySet);

    /// <summary>Reads the index of a query folder.</summary>
    /// <exception cref="IsotopeException">The index is missing or is something else.</exception>
    public static QuerySet Load(string folder)
    {
        var path = IndexFor(folder);
        var set = JsonFile.Load(path, QuerySetJson.Default.QuerySet, "an index of query images");
        return set.IsSound()
            ? set
            : throw new IsotopeException(
                $"{path}: expected an index of query images (each class, file and version of an image once), found something else"
            );
    }

    /// <summary>
    /// Whether the index contradicts itself nowhere. It may be untrusted, since it can come with a result that is to be verified.
    /// </summary>
    private bool IsSound()
    {
        if (Versions is < FewestVersions or > MostVersions || ClassNames.Contains(null!) || Images.Contains(null!))
            return false;
        var classes = ClassNames.ToHashSet(StringComparer.Ordinal);
        return classes.Count == ClassNames.Count
            && Images.All(image => IsSound(image, classes))
            && Images.Select(image => (image.Id, image.Version)).Distinct().Count() == Images.Count
            && Images.Select(image => image.File).Distinct(StringComparer.Ordinal).Count() == Images.Count
            && Images.GroupBy(image => image.Id).All(versions => versions.DistinctBy(image => image.ClassName).Count() == 1);
    }

    private bool IsSound(QueryImage image, HashSet<string> classes) =>
        classes.Contains(image.ClassName)
        && (image.Version is null || (image.Version >= 0 && image.Version < Versions))
        && DatasetPath.SafeId(image.File) == image.File;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(QuerySet))]
internal sealed partial class QuerySetJson : JsonSerializerContext;
