using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Datasets;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>How a dataset is marked: which images, how each of them, and how they are written.</summary>
public sealed record DatasetMarkingOptions
{
    private const string FractionSetting = "fraction";
    private const string OnlyMarkedSetting = "onlyMarked";
    private const string AsFolderSetting = "asFolder";
    private const string UniformSetting = "uniformEncoding";
    private const string FormatSetting = "format";
    private const string JpegQualitySetting = "jpegQuality";
    private const string WithoutMetadataSetting = "withoutMetadata";
    private const string MarkingSetting = "marking";

    /// <summary>The fraction q of the images that is marked, spread evenly over the classes. Default 0.1.</summary>
    public double Fraction { get; init; } = 0.1;

    /// <summary>Whether a class (as in the paper) or an image (twins) has a carrier of its own. Default: a class.</summary>
    public MarkUnit Unit { get; init; }

    /// <summary>How each image is marked.</summary>
    public MarkingOptions Marking { get; init; } = new();

    /// <summary>Writes only the marked images, as files named by their ids, without copies of the rest. Default false.</summary>
    public bool OnlyMarked { get; init; }

    /// <summary>Writes an image folder whatever the dataset's format. Default false: the dataset's own format.</summary>
    public bool AsFolder { get; init; }

    /// <summary>
    /// Writes all images with one encoder and in the dataset's order, so that files do not reveal which are marked. PNGs are then stored
    /// uncompressed, since marks compress badly. Default false: images that are not marked stay as they are, byte for byte.
    /// </summary>
    public bool UniformEncoding { get; init; }

    /// <summary>
    /// The encoding of the marked images. Default: each keeps its own format, so that files do not tell which are marked.
    /// </summary>
    public ImageEncoding Encoding { get; init; } = ImageEncoding.Original;

    /// <summary>
    /// Leaves out the metadata of all images, marked or not, but for colour profiles and orientation. Default false: it stays.
    /// </summary>
    public bool WithoutMetadata { get; init; }

    /// <summary>The number of images marked at a time. Default 64. It affects speed and memory, never the result.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>
    /// The settings that a plan of the owner's fixes: how much is marked, and how strongly. No test depends on how files are written.
    /// </summary>
    public JsonObject Planned
    {
        get
        {
            var settings = new JsonObject();
            AddTo(settings);
            string[] planned = [FractionSetting, MarkingSetting];
            return new JsonObject(planned.Select(name => KeyValuePair.Create(name, settings[name]?.DeepClone())));
        }
    }

    /// <summary>The encoding of files: where all are encoded alike, PNG unless another is given.</summary>
    internal ImageEncoding FileEncoding => AlikeEncoding with { Stored = UniformEncoding, WithoutMetadata = WithoutMetadata };

    private ImageEncoding AlikeEncoding => UniformEncoding && Encoding.Format == ImageFormat.Original ? ImageEncoding.Png : Encoding;

    /// <summary>The options that a manifest records: all but those that only affect speed.</summary>
    /// <exception cref="IsotopeException">The manifest has other settings than those of marking.</exception>
    public static DatasetMarkingOptions Of(Manifest manifest)
    {
        try
        {
            return new DatasetMarkingOptions
            {
                Fraction = (double)manifest.Settings[FractionSetting]!,
                OnlyMarked = (bool)manifest.Settings[OnlyMarkedSetting]!,
                AsFolder = (bool)manifest.Settings[AsFolderSetting]!,
                UniformEncoding = (bool?)manifest.Settings[UniformSetting] ?? false,
                Unit = manifest.Unit,
                Encoding = ImageEncoding.Of((string)manifest.Settings[FormatSetting]!, (int?)manifest.Settings[JpegQualitySetting]),
                WithoutMetadata = (bool?)manifest.Settings[WithoutMetadataSetting] ?? false,
                Marking = MarkingOf(manifest.Settings[MarkingSetting]!.AsObject()),
            };
        }
        catch (Exception e)
            when (e is ArgumentNullException or NullReferenceException or InvalidOperationException or FormatException or JsonException)
        {
            throw new IsotopeException("manifest: expected the settings of marking, found others", e);
        }
    }

    /// <summary>The settings of marking; a PSNR counts only where it is written, since it had no default once.</summary>
    private static MarkingOptions MarkingOf(JsonObject settings)
    {
        var marking = settings.Deserialize(JournalJson.Default.MarkingOptions)!;
        return settings.ContainsKey("psnr") ? marking : marking with { Psnr = null };
    }

    /// <summary>Whether marked images become files of their own, rather than parts of the dataset's files of many images.</summary>
    public bool WritesFiles(Dataset dataset) => dataset.Container is null || OnlyMarked || AsFolder;

    /// <summary>Checks ranges and combinations.</summary>
    /// <exception cref="IsotopeException">An option is out of range, or does not go with another.</exception>
    public void Validate()
    {
        ImageSelection.RequireFraction(Fraction);
        OptionCheck.Require(BatchSize >= 1, "--batch", "at least 1", BatchSize);
        if (UniformEncoding && OnlyMarked)
            throw new IsotopeException(
                "--uniform-encoding: expected no --only-marked beside it, which writes marked images alone, found it"
            );
        if (FileEncoding.Format == ImageFormat.Original && Marking.Psnr is null)
            throw new IsotopeException(
                "--psnr: expected one for images that keep their format, since a JPEG's steps are chosen by it, found none; or add "
                    + "--format"
            );
        if (WithoutMetadata && Encoding.Format != ImageFormat.Original)
            throw new IsotopeException($"--strip-metadata: expected no --format beside it, found {Encoding.Extension}");
        Marking.Validate();
    }

    /// <summary>Adds the options to a run's settings, where <see cref="Of"/> finds them.</summary>
    internal void AddTo(JsonObject settings)
    {
        settings[Manifest.UnitSetting] = Unit.ToString().ToLowerInvariant();
        settings[FractionSetting] = Fraction;
        settings[OnlyMarkedSetting] = OnlyMarked;
        settings[AsFolderSetting] = AsFolder;
        settings[UniformSetting] = UniformEncoding;
        settings[FormatSetting] = Encoding.Name;
        settings[JpegQualitySetting] = Encoding.JpegQuality;
        settings[WithoutMetadataSetting] = WithoutMetadata;
        settings[MarkingSetting] = JsonSerializer.SerializeToNode(Marking, JournalJson.Default.MarkingOptions);
    }
}
