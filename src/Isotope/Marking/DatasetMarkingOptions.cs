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
    private const string MarkingSetting = "marking";

    /// <summary>The fraction q of every class that is marked. Default 0.1.</summary>
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

    /// <summary>The encoding of the marked images. Default PNG.</summary>
    public ImageEncoding Encoding { get; init; } = ImageEncoding.Png;

    /// <summary>The number of images marked at a time. Default 64. It affects speed and memory, never the result.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The encoding of files, with uniform encoding applied.</summary>
    internal ImageEncoding FileEncoding => Encoding with { Stored = UniformEncoding };

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
                Marking = manifest.Settings[MarkingSetting].Deserialize(JournalJson.Default.MarkingOptions)!,
            };
        }
        catch (Exception e)
            when (e is ArgumentNullException or NullReferenceException or InvalidOperationException or FormatException or JsonException)
        {
            throw new IsotopeException("manifest: expected the settings of marking, found others", e);
        }
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
        settings[FormatSetting] = Encoding.Extension;
        settings[JpegQualitySetting] = Encoding.JpegQuality;
        settings[MarkingSetting] = JsonSerializer.SerializeToNode(Marking, JournalJson.Default.MarkingOptions);
    }
}
