using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Isotope.Datasets;
using Isotope.Networks.BlackBoxes;
using Isotope.Runs;

namespace Isotope.Training;

/// <summary>What a student learns from a teacher's answer.</summary>
public enum LabelKind
{
    /// <summary>The teacher's probabilities.</summary>
    Soft,

    /// <summary>Only the teacher's first label.</summary>
    Hard,
}

/// <summary>
/// A teacher's answers on the images that a student is trained on (paper §3.5, distillation). The teacher sees each image once, as it is.
/// Only the student sees augmented views, and each view has its image's answer.
/// </summary>
public sealed class Lesson
{
    private readonly Dataset dataset;
    private readonly IReadOnlyList<Answer> answers;
    private readonly bool hasProbabilities;

    private Lesson(Dataset dataset, IReadOnlyList<Answer> answers, bool hasProbabilities)
    {
        this.dataset = dataset;
        this.answers = answers;
        this.hasProbabilities = hasProbabilities;
    }

    /// <summary>Asks a teacher about all images.</summary>
    /// <exception cref="IsotopeException">The teacher returns only losses, or does not answer.</exception>
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
        var answers = teacher.Ask(dataset.Images, progress, cancellation);
        return new Lesson(dataset, answers, hasProbabilities: teacher.Gives == OutputKind.Probabilities);
    }

    /// <summary>The most informative labels that the answers allow: soft ones if the teacher returns probabilities.</summary>
    public LabelKind BestLabels => hasProbabilities ? LabelKind.Soft : LabelKind.Hard;

    /// <summary>The student's targets.</summary>
    /// <param name="kind">Probabilities or labels.</param>
    /// <param name="temperature">
    /// Temperature T ≥ 1 of soft labels, for student and teacher alike. The teacher's probabilities are raised to the power 1/T and divided
    /// by their sum, which equals softmax(logits / T) and does not need the logits.
    /// </param>
    /// <exception cref="IsotopeException">
    /// As for <see cref="Validate"/>, or soft labels of a teacher that returns no probabilities.
    /// </exception>
    public Targets Targets(LabelKind kind, double temperature)
    {
        Validate(kind, temperature);
        if (kind == LabelKind.Hard)
        {
            var labels = Relabelled().Images.ToDictionary(image => image.Id, image => (long)image.Label);
            return new LabelTargets(image => labels[image.Id]);
        }

        if (!hasProbabilities)
            throw new IsotopeException(
                "--labels soft: expected a teacher that returns probabilities, found one that returns labels; use --labels hard"
            );
        var probabilities = dataset.Images.Zip(answers, (image, answer) => (image.Id, Soften(answer.Probabilities!, temperature)));
        return new SoftTargets(probabilities.ToDictionary(), temperature);
    }

    /// <summary>Checks that a temperature fits the labels.</summary>
    /// <exception cref="IsotopeException">It is out of range, or not 1 for hard labels, which have no temperature.</exception>
    public static void Validate(LabelKind kind, double temperature)
    {
        OptionCheck.Require(temperature is >= 1 and <= 100, "--temperature", "1 to 100", temperature);
        OptionCheck.Require(kind == LabelKind.Soft || temperature == 1, "--temperature", "none with hard labels", temperature);
    }

    /// <summary>The dataset with the teacher's first labels in place of its own.</summary>
    public Dataset Relabelled()
    {
        var images = dataset.Images.Zip(answers, (image, answer) => image with { Label = FirstLabel(answer) });
        return dataset with { Images = [.. images] };
    }

    /// <summary>Hash of all answers: training continues only with the same ones.</summary>
    public string Sha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var answer in answers)
        {
            double[] numbers = [.. answer.Probabilities ?? answer.TopLabels!.Select(label => (double)label)];
            hash.AppendData(MemoryMarshal.AsBytes<double>(numbers));
        }

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
