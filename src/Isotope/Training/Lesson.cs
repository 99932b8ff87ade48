using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Isotope.Datasets;
using Isotope.Networks.BlackBoxes;
using Isotope.Runs;

namespace Isotope.Training;

/// <summary>What a student learns of a teacher's answer.</summary>
public enum LabelKind
{
    /// <summary>The teacher's probabilities.</summary>
    Soft,

    /// <summary>The teacher's first label alone.</summary>
    Hard,
}

/// <summary>
/// A teacher's answers on the images that a student is trained on (paper §3.5, distillation). The teacher saw each image once, as it is;
/// augmentation is the student's alone, whose views all have their image's answer.
/// </summary>
public sealed class Lesson
{
    private readonly Dataset dataset;
    private readonly IReadOnlyList<Answer> answers;
    private readonly bool hasProbabilities;

    private Lesson(Dataset dataset, IReadOnlyList<Answer> answers, bool hasProbabilities) =>
        (this.dataset, this.answers, this.hasProbabilities) = (dataset, answers, hasProbabilities);

    /// <summary>Asks a teacher about all images.</summary>
    /// <exception cref="IsotopeException">It tells losses alone, or does not answer.</exception>
    public static Lesson Take(
        BlackBox teacher,
        Dataset dataset,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        dataset.RequireClasses(teacher.Classes);
        if (teacher.Gives == OutputKind.Loss)
            throw new IsotopeException("teacher: expected probabilities or labels to learn from, found losses");
        return new Lesson(dataset, teacher.Ask(dataset.Images, progress, cancellation), teacher.Gives == OutputKind.Probabilities);
    }

    /// <summary>The most that the answers allow: soft labels where the teacher tells probabilities.</summary>
    public LabelKind BestLabels => hasProbabilities ? LabelKind.Soft : LabelKind.Hard;

    /// <summary>What the student is trained towards.</summary>
    /// <param name="kind">Probabilities or labels.</param>
    /// <param name="temperature">
    /// T ≥ 1 of soft labels: the teacher's probabilities are raised to the power 1/T and divided by their sum, which is softmax(logits / T)
    /// without its logits being known; so are the student's.
    /// </param>
    /// <exception cref="IsotopeException">As <see cref="Validate"/>; or soft labels of a teacher that tells none.</exception>
    public Targets Targets(LabelKind kind, double temperature)
    {
        Validate(kind, temperature);
        if (kind == LabelKind.Hard)
        {
            var labels = DatasetOfTeacher().Images.ToDictionary(image => image.Id, image => (long)image.Label);
            return new LabelTargets(image => labels[image.Id]);
        }

        if (!hasProbabilities)
            throw new IsotopeException(
                "--labels soft: expected a teacher that tells probabilities, found one that tells labels; use --labels hard"
            );
        return new SoftTargets(
            dataset.Images.Zip(answers).ToDictionary(pair => pair.First.Id, pair => Soften(pair.Second.Probabilities!, temperature)),
            temperature
        );
    }

    /// <summary>Whether a temperature fits the labels.</summary>
    /// <exception cref="IsotopeException">It is out of range, or another than 1 with hard labels, which have none.</exception>
    public static void Validate(LabelKind kind, double temperature)
    {
        OptionCheck.Require(temperature is >= 1 and <= 100, "--temperature", "1 to 100", temperature);
        OptionCheck.Require(kind == LabelKind.Soft || temperature == 1, "--temperature", "none with hard labels", temperature);
    }

    /// <summary>The images with the teacher's first labels in place of their own.</summary>
    public Dataset DatasetOfTeacher() =>
        dataset with
        {
            Images = [.. dataset.Images.Zip(answers, (image, answer) => image with { Label = FirstLabel(answer) })],
        };

    /// <summary>Hash of all answers: a student is trained on with the same ones alone.</summary>
    public string Sha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var answer in answers)
            hash.AppendData(MemoryMarshal.AsBytes<double>([.. answer.Probabilities ?? answer.TopLabels!.Select(label => (double)label)]));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static float[] Soften(IReadOnlyList<double> probabilities, double temperature)
    {
        double[] powers = [.. probabilities.Select(p => Math.Pow(p, 1 / temperature))];
        var sum = powers.Sum();
        return [.. powers.Select(power => (float)(power / sum))];
    }

    private static int FirstLabel(Answer answer)
    {
        if (answer.TopLabels is { } labels)
            return labels[0];
        var probabilities = answer.Probabilities!;
        return Enumerable.Range(0, probabilities.Count).MaxBy(i => probabilities[i]);
    }
}
