using System.Text.Json;
using System.Text.Json.Nodes;
using Isotope.Datasets;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>What marking a dataset takes besides the options of marking an image.</summary>
public sealed record DatasetMarkingOptions
{
    private const string FractionSetting = "fraction";
    private const string OnlyMarkedSetting = "onlyMarked";
    private const string AsFolderSetting = "asFolder";
    private const string UniformSetting = "uniformEncoding";
    private const string FormatSetting = "format";
    private const string JpegQualitySetting = "jpegQuality";
    private const string MarkingSetting = "marking";

    /// <summary>Fraction q of every class that is marked. Default 0.1.</summary>
    public double Fraction { get; init; } = 0.1;

    /// <summary>Write the marked images alone, as files named by their ids, without copies of the rest. Default false.</summary>
    public bool OnlyMarked { get; init; }

    /// <summary>Write an image folder, whatever the dataset's format. Default false: the same format.</summary>
    public bool AsFolder { get; init; }

    /// <summary>
    /// Write all images with one encoder, in the dataset's order, so that files do not tell which are marked; PNGs without compression,
    /// since a mark compresses badly. Default false: images that are not marked stay byte for byte.
    /// </summary>
    public bool UniformEncoding { get; init; }

    /// <summary>The options of a manifest, but for those that bear on speed alone.</summary>
    /// <exception cref="IsotopeException">They are not those of marking.</exception>
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

    /// <summary>Adds them to a run's settings, for <see cref="Of"/>.</summary>
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

    /// <summary>How the images are written.</summary>
    internal ImageEncoding FileEncoding => Encoding with { Stored = UniformEncoding };

    /// <summary>Whether marked images become files of their own: not where they go into files of many, as the dataset's.</summary>
    public bool WritesFiles(Dataset dataset) => dataset.Container is null || OnlyMarked || AsFolder;

    /// <summary>What has a carrier of its own: a class, as in the paper, or an image (twins). Default class.</summary>
    public MarkUnit Unit { get; init; }

    /// <summary>What the marked images are written as. Default PNG.</summary>
    public ImageEncoding Encoding { get; init; } = ImageEncoding.Png;

    /// <summary>Images marked at a time. Default 64; it bears on speed and memory, never on the result.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>How each image is marked.</summary>
    public MarkingOptions Marking { get; init; } = new();

    /// <summary>Requires values that can be used.</summary>
    /// <exception cref="IsotopeException">One can't.</exception>
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
}
