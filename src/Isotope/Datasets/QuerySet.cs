using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Datasets.Formats;
using Isotope.Files;

namespace Isotope.Datasets;

/// <summary>One image to ask a black box about.</summary>
/// <param name="File">Its path below the query folder: the class and a name that tells nothing.</param>
/// <param name="Id">The vanilla image's id.</param>
/// <param name="ClassName">Its class.</param>
/// <param name="Version">0 for the published version, from 1 for counterfactual ones; null for the vanilla image.</param>
/// <param name="Sha256">Hash of the file.</param>
public sealed record QueryImage(
    [property: JsonRequired] string File,
    [property: JsonRequired] string Id,
    [property: JsonRequired] string ClassName,
    int? Version,
    [property: JsonRequired] string Sha256
);

/// <summary>
/// Marked images, their counterfactual versions and their vanilla originals, in a folder of class folders, to ask a black box about (paper
/// §3.5). The index tells which is which: keep it with the key; of the folder nothing is published before the model has answered.
/// </summary>
/// <param name="Settings">Version, options and input hashes of the run.</param>
/// <param name="Unit">What has versions: a class or an image.</param>
/// <param name="Versions">K, the published one included.</param>
/// <param name="ClassNames">All classes, in the order of their labels.</param>
/// <param name="Images">All images in the order of their files.</param>
public sealed record QuerySet(
    [property: JsonRequired] JsonObject Settings,
    [property: JsonRequired] MarkUnit Unit,
    [property: JsonRequired] int Versions,
    [property: JsonRequired] IReadOnlyList<string> ClassNames,
    [property: JsonRequired] IReadOnlyList<QueryImage> Images
)
{
    /// <summary>Least K.</summary>
    internal const int FewestVersions = 2;

    /// <summary>Largest K.</summary>
    internal const int MostVersions = 10_000;

    /// <summary>Name of the setting behind <see cref="IsMadeAnew"/>.</summary>
    internal const string MadeAnewSetting = "publishedVersionMadeAnew";

    private const string FolderSuffix = ".queries";
    private const string Suffix = ".json";

    /// <summary>The folder of query images of a marked folder: beside it.</summary>
    public static string FolderFor(string marked) => AtomicFile.Beside(marked, FolderSuffix);

    /// <summary>The index of a query folder: beside it.</summary>
    public static string IndexFor(string folder) => AtomicFile.Beside(folder, Suffix);

    /// <summary>Whether what was published is not what the program made here, so that its version was made anew with the others.</summary>
    [JsonIgnore]
    public bool IsMadeAnew => Settings[MadeAnewSetting] is JsonValue value && value.TryGetValue<bool>(out var anew) && anew;

    /// <summary>The index beside a folder or one above it, nearest first; null where there is none.</summary>
    public static string? FindFor(string folder) =>
        AtomicFile.FindBeside(folder, above => above.EndsWith(FolderSuffix, StringComparison.Ordinal) ? IndexFor(above) : null);

    /// <summary>Whether it was made with the key of a commitment.</summary>
    public bool IsOfKey(string commitment) => Manifest.AreOfKey(Settings, commitment);

    /// <summary>Writes the index.</summary>
    public void Save(string folder) => JsonFile.SavePrivate(IndexFor(folder), this, QuerySetJson.Default.QuerySet);

    /// <summary>Reads the index of a query folder.</summary>
    /// <exception cref="IsotopeException">Missing or not an index.</exception>
    public static QuerySet Load(string folder)
    {
        var set = JsonFile.Load(IndexFor(folder), QuerySetJson.Default.QuerySet, "an index of query images");
        return set.IsSound()
            ? set
            : throw new IsotopeException(
                $"{IndexFor(folder)}: expected an index of query images (each class, file and version of an image once), found "
                    + "something else"
            );
    }

    /// <summary>It may come from somebody else, with a result that is to be verified.</summary>
    private bool IsSound()
    {
        var classes = ClassNames.ToHashSet(StringComparer.Ordinal);
        return Versions is >= FewestVersions and <= MostVersions
            && !ClassNames.Contains(null!)
            && classes.Count == ClassNames.Count
            && !Images.Contains(null!)
            && Images.All(image =>
                classes.Contains(image.ClassName)
                && image.Version is null or >= 0
                && !(image.Version >= Versions)
                && DatasetPath.SafeId(image.File) == image.File
            )
            && Images.Select(image => (image.Id, image.Version)).Distinct().Count() == Images.Count
            && Images.Select(image => image.File).Distinct(StringComparer.Ordinal).Count() == Images.Count
            && Images.GroupBy(image => image.Id).All(versions => versions.DistinctBy(image => image.ClassName).Count() == 1);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(QuerySet))]
internal sealed partial class QuerySetJson : JsonSerializerContext;
