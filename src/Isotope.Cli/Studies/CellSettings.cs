using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Isotope.Marking;
using Isotope.Training;

namespace Isotope.Cli.Studies;

/// <summary>One experiment: what is marked, how a thief trains on it, what is done to the model, and how it is tested.</summary>
internal sealed record CellSettings
{
    /// <summary>Training images, below the study's data folder.</summary>
    public required string Train { get; init; }

    /// <summary>The first so many of each class are trained on; null for all.</summary>
    public int? ImagesPerClass { get; init; }

    /// <summary>Vanilla images that nobody trains on: for accuracy and alignment.</summary>
    public required string Test { get; init; }

    /// <summary>The first so many of each class; null for all.</summary>
    public int? TestImagesPerClass { get; init; }

    /// <summary>Repetition: it draws the key, and the thief's weights, order and views.</summary>
    public long Seed { get; init; }

    /// <summary>Marking network, below the data folder: FILE or ARCHITECTURE:FILE.</summary>
    public required string MarkingNetwork { get; init; }

    /// <summary>What is put into the images.</summary>
    public MarkKind Mark { get; init; }

    /// <summary>Fraction of the training images that is marked.</summary>
    public double Q { get; init; }

    /// <summary>Fraction that is marked once, of which smaller fractions take a part: the same images and marks. Default q.</summary>
    public double? MarkedFraction { get; init; }

    /// <summary>How images are marked.</summary>
    public MarkingOptions Marking { get; init; } = new();

    /// <summary>What the thief does.</summary>
    public ThiefSettings Thief { get; init; } = new();

    /// <summary>What is done to the model then.</summary>
    public AttackSettings Attack { get; init; } = new();

    /// <summary>The student that is tested in the model's place; null for the model itself.</summary>
    public StudentSettings? Student { get; init; }

    /// <summary>How the owner tests.</summary>
    public OwnerSettings Owner { get; init; } = new();

    /// <summary>What is measured.</summary>
    public IReadOnlyList<MeasureKind> Measure { get; init; } = [MeasureKind.WhiteBox];

    /// <summary>By reflection: generated readers forget the defaults of what is not named.</summary>
    private static readonly JsonSerializerOptions Reader = new(StudyJson.Default.Options)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter() },
    };

    /// <exception cref="IsotopeException">There is an unknown setting, one of the wrong kind, or two that do not fit together.</exception>
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
        if (Mark == MarkKind.Radioactive)
        {
            if (Q > MarkedFraction)
                throw Expected("q of at most markedFraction", Q);
            return;
        }

        if (Marking.Psnr is null)
            throw Expected($"a psnr of the {Mark} mark", "none");
        if (Measure.Contains(MeasureKind.BlackBox))
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

    /// <summary>A clean-label backdoor's trigger in images of one class.</summary>
    Backdoor,
}

/// <summary>What can be measured of a cell.</summary>
internal enum MeasureKind
{
    /// <summary>The white-box test by both statistics.</summary>
    WhiteBox,

    /// <summary>The black-box test and the loss gap.</summary>
    BlackBox,

    /// <summary>Decomposition of the classifier's rows (figure 4).</summary>
    Decomposition,

    /// <summary>Cosines with random directions, carriers and vanilla rows (figure 5).</summary>
    Cosines,

    /// <summary>Accuracy and cosine by class, and their correlation (§5.5).</summary>
    Classes,

    /// <summary>Whether the images themselves show the mark.</summary>
    Images,

    /// <summary>What the backdoor's trigger, and other noise, does to the model.</summary>
    Trigger,
}

/// <summary>How a thief trains.</summary>
internal sealed record ThiefSettings
{
    /// <summary>Architecture trained from scratch; null to retrain the classifier on the marking network's features.</summary>
    public string? Architecture { get; init; }

    /// <summary>Side of its input; null for the architecture's.</summary>
    public int? InputSize { get; init; }

    /// <summary>How.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>Quality of JPEG that all images go through before; null for none.</summary>
    public int? JpegQuality { get; init; }

    /// <summary>Noise added to all images, grey levels.</summary>
    public double Noise { get; init; }
}

/// <summary>What is done to a trained model.</summary>
internal sealed record AttackSettings
{
    /// <summary>Which attack.</summary>
    public AttackKind Kind { get; init; }

    /// <summary>Fraction pruned, bits, relative noise, epochs of fine-tuning, or directions removed.</summary>
    public double Amount { get; init; }

    /// <summary>Clean images of each class that the attacker has, those after the training images.</summary>
    public int CleanPerClass { get; init; } = 100;
}

/// <summary>Attacks on a model.</summary>
internal enum AttackKind
{
    /// <summary>None.</summary>
    None,

    /// <summary>Training goes on, on clean images.</summary>
    FineTune,

    /// <summary>The smallest weights are set to zero.</summary>
    Prune,

    /// <summary>Weights are rounded.</summary>
    Quantise,

    /// <summary>Noise is added to the weights.</summary>
    Noise,

    /// <summary>The direction by which published and clean images differ is taken out of each row.</summary>
    SubspaceDifference,

    /// <summary>The principal directions of each class's published images are taken out of each row.</summary>
    SubspacePrincipal,
}

/// <summary>Distillation: a student learns of the model's answers on the vanilla images.</summary>
internal sealed record StudentSettings
{
    /// <summary>Probabilities or labels.</summary>
    public LabelKind Labels { get; init; }

    /// <summary>Temperature of soft labels.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Architecture from scratch; null for the marking network's features.</summary>
    public string? Architecture { get; init; }

    /// <summary>How it is trained.</summary>
    public TrainingOptions Training { get; init; } = new();
}

/// <summary>How the owner tests.</summary>
internal sealed record OwnerSettings
{
    /// <summary>
    /// Vanilla models of the owner's own that are the reference of the response, trained as <see cref="Reference"/> says; 0 for the marking
    /// network.
    /// </summary>
    public int References { get; init; }

    /// <summary>How they are trained; their seeds are none that a thief has. Default: as the thief trains.</summary>
    public ThiefSettings? Reference { get; init; }

    /// <summary>Probes of the response.</summary>
    public int Probes { get; init; } = 20_000;

    /// <summary>Versions K of a black-box query.</summary>
    public int Versions { get; init; } = 20;

    /// <summary>Marked images of each class that are asked about.</summary>
    public int QueriesPerClass { get; init; } = 50;

    /// <summary>They are of this fraction of the training images: the smallest that is published.</summary>
    public double QueryFraction { get; init; } = 0.1;
}
