using Isotope.Datasets;
using Isotope.Networks.BlackBoxes;

namespace Isotope.Detection.BlackBoxes;

/// <summary>What a model's answers say of a unit.</summary>
/// <param name="ClassName">The unit's class.</param>
/// <param name="Scores">Mean score of each version, the published one first; less the reference's where there is one.</param>
/// <param name="Rank">Rank of the published version, 1 for the largest score; null where all versions score the same.</param>
/// <param name="LossGaps">Loss on each vanilla image minus loss on its published version.</param>
internal sealed record UnitScores(string ClassName, IReadOnlyList<double> Scores, int? Rank, IReadOnlyList<double> LossGaps)
{
    /// <exception cref="IsotopeException">A score is not finite: it has no rank.</exception>
    public static UnitScores Of(
        ExchangeUnit unit,
        IReadOnlyDictionary<LabelledImage, Answer> answers,
        IReadOnlyDictionary<LabelledImage, Answer>? reference
    )
    {
        double[] scores = [.. unit.Versions.Select(images => Mean(images, answers) - (reference is null ? 0 : Mean(images, reference)))];
        if (!scores.All(double.IsFinite))
            throw new IsotopeException($"black box: expected finite answers, found others on images of {unit.ClassName}");
        return new UnitScores(
            unit.ClassName,
            scores,
            RankOf(scores, [.. unit.Versions.Select(images => images[0].Id)]),
            Gaps(unit, answers)
        );
    }

    /// <summary>
    /// Among equals the names decide, which the key has drawn: an order of versions that does not know which one is published.
    /// </summary>
    private static int? RankOf(double[] scores, string[] names) =>
        scores.All(score => score == scores[0])
            ? null
            : 1
                + scores
                    .Zip(names)
                    .Count(other =>
                        other.First > scores[0] || (other.First == scores[0] && string.CompareOrdinal(other.Second, names[0]) < 0)
                    );

    private static double Mean(IReadOnlyList<LabelledImage> images, IReadOnlyDictionary<LabelledImage, Answer> answers) =>
        images.Average(image => AnswerScore.Of(answers[image], image.Label));

    private static double[] Gaps(ExchangeUnit unit, IReadOnlyDictionary<LabelledImage, Answer> answers)
    {
        return [.. unit.Vanilla.Zip(unit.Versions[0], (vanilla, marked) => LossOf(vanilla) - LossOf(marked)).OfType<double>()];

        double? LossOf(LabelledImage image) => AnswerScore.LossOf(answers[image], image.Label);
    }
}
