using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Isotope.Marking;

namespace Isotope.Cli.Studies;

/// <summary>
/// One experiment: what is marked, how the suspect is trained, what is done to the model afterwards, and how it is tested.
/// </summary>
internal sealed record CellSettings
{
    /// <summary>Training images, below the study's data folder.</summary>
    public required string Train { get; init; }

    /// <summary>How many of each class are trained on, the first by name; null for all.</summary>
    public int? ImagesPerClass { get; init; }

    /// <summary>Vanilla images for accuracy and alignment, which nobody trains on.</summary>
    public required string Test { get; init; }

    /// <summary>How many of each class are tested on, the first by name; null for all.</summary>
    public int? TestImagesPerClass { get; init; }

    /// <summary>Number of the repetition: it seeds the key, and the suspect's weights, order and views.</summary>
    public long Seed { get; init; }

    /// <summary>Marking network, below the data folder: FILE or ARCHITECTURE:FILE.</summary>
    public required string MarkingNetwork { get; init; }

    /// <summary>What is put into the images.</summary>
    public MarkKind Mark { get; init; }

    /// <summary>Fraction q of the training images that is published marked.</summary>
    public double Q { get; init; }

    /// <summary>
    /// Fraction of the images that is marked, once for all cells; those with a smaller q publish a part of these marks. Default:
    /// <see cref="Q"/>.
    /// </summary>
    public double? MarkedFraction { get; init; }

    /// <summary>How images are marked.</summary>
    public MarkingOptions Marking { get; init; } = new();

    /// <summary>How the suspect is trained.</summary>
    [JsonPropertyName("thief")]
    public SuspectSettings Suspect { get; init; } = new();

    /// <summary>What is done to the model afterwards.</summary>
    public AttackSettings Attack { get; init; } = new();

    /// <summary>The student that is tested instead of the model; null to test the model itself.</summary>
    public StudentSettings? Student { get; init; }

    /// <summary>How the owner tests.</summary>
    public OwnerSettings Owner { get; init; } = new();

    /// <summary>What is measured.</summary>
    public IReadOnlyList<MeasureKind> Measure { get; init; } = [MeasureKind.WhiteBox];

    /// <summary>Uses reflection, since generated readers ignore the defaults of properties that are left out.</summary>
    private static readonly JsonSerializerOptions Reader = new(StudyJson.Default.Options)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter() },
    };

    /// <exception cref="IsotopeException">A setting is unknown or has a value of the wrong kind, or two do not fit together.</exception>
    public static CellSettings Of(string study, JsonObject settings)
    {
        try
        {
            var cell = settings.Deserialize<CellSettings>(Reader)!;
            cell.Validate(study);
            return cell;
        }
        catch (JsonException e)
        {
            throw new IsotopeException(
                $"{study}: expected settings of an experiment, found another, or a value of another kind, at {e.Path}",
                e
            );
        }
    }

    private void Validate(string study)
    {
        if (Attack.Kind is AttackKind.FineTune or AttackKind.SubspaceDifference && ImagesPerClass is null)
            throw Expected($"imagesPerClass, after which an attacker's own images come ({Attack.Kind})", "none");
        if (Mark == MarkKind.Radioactive && Q > MarkedFraction)
            throw Expected("q of at most markedFraction", Q);
        if (Mark != MarkKind.Radioactive && Marking.Psnr is null)
            throw Expected($"a psnr of the {Mark} mark", "none");
        if (Mark != MarkKind.Radioactive && Measure.Contains(MeasureKind.BlackBox))
            throw Expected("BlackBox of Radioactive marks alone", Mark);

        IsotopeException Expected(string expected, object found) => new($"{study}: expected {expected}, found {found}");
    }
}

/// <summary>What is put into images.</summary>
internal enum MarkKind
{
    /// <summary>The paper's marks.</summary>
    Radioactive,

    /// <summary>A watermark in the Fourier domain.</summary>
    Fourier,

    /// <summary>The trigger of a clean-label backdoor, in images of one class.</summary>
    Backdoor,
}

/// <summary>What can be measured in a cell.</summary>
internal enum MeasureKind
{
    /// <summary>The white-box test, by both statistics.</summary>
    WhiteBox,

    /// <summary>The black-box test and the loss gap.</summary>
    BlackBox,

    /// <summary>Decomposition of the classifier's rows (figure 4).</summary>
    Decomposition,

    /// <summary>Cosines of the classifier's rows with random directions, carriers and vanilla rows (figure 5).</summary>
    Cosines,

    /// <summary>Accuracy and cosine of each class, and their correlation (§5.5). Needs <see cref="WhiteBox"/> before it.</summary>
    Classes,

    /// <summary>Whether the images themselves show the mark.</summary>
    Images,

    /// <summary>What the backdoor's trigger, and other noise, does to the model.</summary>
    Trigger,
}
