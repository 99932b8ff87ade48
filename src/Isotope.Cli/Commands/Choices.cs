using System.CommandLine;
using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Marking;
using Isotope.Training;

namespace Isotope.Cli.Commands;

/// <summary>Values that are names on the command line.</summary>
internal static class Choices
{
    /// <summary>What the help says that a dataset may be.</summary>
    public const string Datasets =
        "one folder per class, IDX, CIFAR batches, WebDataset tar shards, Hugging Face Parquet, or a CSV or JSONL list; a folder, a "
        + "file or a pattern";

    private static readonly Dictionary<string, Augmentation> Augmentations = new(StringComparer.Ordinal)
    {
        ["centre"] = Augmentation.Centre,
        ["shift"] = Augmentation.Shift,
        ["resized"] = Augmentation.Resized,
    };

    private static readonly Dictionary<string, Schedule> Schedules = new(StringComparer.Ordinal)
    {
        ["one-cycle"] = Schedule.OneCycle,
        ["waterfall"] = Schedule.Waterfall,
    };

    private static readonly Dictionary<string, ImageFormat> Formats = new(StringComparer.Ordinal)
    {
        ["png"] = ImageFormat.Png,
        ["webp"] = ImageFormat.WebP,
        ["npy"] = ImageFormat.Npy,
    };

    private static readonly Dictionary<string, Distortions> Robustness = new(StringComparer.Ordinal)
    {
        ["jpeg"] = Distortions.Jpeg,
        ["resize"] = Distortions.Resize,
    };

    private static readonly Dictionary<string, WhiteBoxStatistic> Statistics = new(StringComparer.Ordinal)
    {
        ["response"] = WhiteBoxStatistic.Response,
        ["paper"] = WhiteBoxStatistic.Paper,
    };

    /// <summary>The option for the statistic of the white-box test.</summary>
    public static Option<string?> StatisticOption() =>
        new Option<string?>("--statistic")
        {
            Description =
                "The statistic that counts; fix it before you look (default: response where a reference has as many classes as the "
                + "suspect, else paper)",
            HelpName = string.Join('|', Statistics.Keys),
        }.AcceptOnlyFromAmong([.. Statistics.Keys]);

    /// <summary>The statistic of a name; null for none.</summary>
    /// <exception cref="IsotopeException">There is none of this name.</exception>
    public static WhiteBoxStatistic? FindStatistic(string? name) =>
        name is null ? null
        : Statistics.TryGetValue(name, out var statistic) ? statistic
        : throw new IsotopeException($"statistic: expected {string.Join(" or ", Statistics.Keys)}, found '{name}'");

    private static readonly Dictionary<string, LabelKind> Labels = new(StringComparer.Ordinal)
    {
        ["soft"] = LabelKind.Soft,
        ["hard"] = LabelKind.Hard,
    };

    /// <summary>The option for what a student learns.</summary>
    public static Option<string?> LabelsOption()
    {
        var option = new Option<string?>("--labels")
        {
            Description =
                "What the student learns: the suspect's probabilities, or its first labels (default: soft if it tells probabilities)",
            HelpName = string.Join('|', Labels.Keys),
        };
        return option.AcceptOnlyFromAmong([.. Labels.Keys]);
    }

    /// <summary>The option for views.</summary>
    public static Option<string> AugmentOption(string description) =>
        Named("--augment", $"{description}: the centre crop, shifts and flips, or resized crops and flips", Augmentations.Keys, "shift");

    /// <summary>The option for the course of the learning rate.</summary>
    public static Option<string> ScheduleOption() => Named("--schedule", "Course of the learning rate", Schedules.Keys, "one-cycle");

    /// <summary>The option for the format of marked images.</summary>
    public static Option<string> FormatOption() =>
        Named("--format", "What marked images are written as, losslessly: PNG, WebP, or NumPy arrays of bytes", Formats.Keys, "png");

    /// <summary>The option for what marks shall survive.</summary>
    public static Option<string?> RobustOption() =>
        new("--robust")
        {
            Description =
                "What the mark shall survive before somebody trains on it: JPEG of quality 75 to 95, a reduction to half the size, or both",
            HelpName = string.Join(',', Robustness.Keys),
        };

    /// <summary>The distortions of a list of names.</summary>
    /// <exception cref="IsotopeException">A name is unknown.</exception>
    public static Distortions FindDistortions(string? names) =>
        (names?.Split(',') ?? []).Aggregate(
            Distortions.None,
            (all, name) =>
                Robustness.TryGetValue(name, out var distortion)
                    ? all | distortion
                    : throw new IsotopeException(
                        $"--robust: expected {string.Join(" or ", Robustness.Keys)}, or several with commas between, found '{name}'"
                    )
        );

    /// <summary>The views of a name.</summary>
    public static Augmentation FindAugmentation(string name) => Augmentations[name];

    /// <summary>The labels of a name, if one was given.</summary>
    public static LabelKind? FindLabels(string? name) => name is null ? null : Labels[name];

    /// <summary>The schedule of a name.</summary>
    public static Schedule FindSchedule(string name) => Schedules[name];

    /// <summary>The encoding of a format's name, or JPEG of a quality.</summary>
    /// <exception cref="IsotopeException">Both are given, or the quality is out of range.</exception>
    public static ImageEncoding FindEncoding(string format, int? jpegQuality)
    {
        if (jpegQuality is null)
            return new ImageEncoding(Formats[format]);
        return Formats[format] == ImageFormat.Png
            ? ImageEncoding.Jpeg(jpegQuality.Value)
            : throw new IsotopeException($"--jpeg-quality: expected no --format beside it, found {format}");
    }

    /// <summary>The option for marked images as JPEG.</summary>
    public static Option<int?> JpegQualityOption() =>
        new("--jpeg-quality")
        {
            Description =
                "Write marked images as JPEG of this quality instead (30 to 100), and mark them so that the mark survives it; what is "
                + "recorded of them is what is left then",
            HelpName = "Q",
        };

    private static Option<string> Named(string name, string description, IReadOnlyCollection<string> values, string defaultValue)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = string.Join('|', values),
            DefaultValueFactory = _ => defaultValue,
        };
        return option.AcceptOnlyFromAmong([.. values]);
    }
}
