using Isotope.Datasets;
using Isotope.Networks.BlackBoxes;

namespace Isotope.Detection.BlackBoxes;

/// <summary>How a model scores the versions of a unit.</summary>
/// <param name="ClassName">The unit's class.</param>
/// <param name="Scores">Mean score of each version, the published one first, minus the reference's if there is one.</param>
/// <param name="Rank">Rank of the published version, 1 for the largest score; null if all versions score the same.</param>
/// <param name="LossGaps">Loss on each vanilla image minus loss on its published version.</param>
internal sealed record UnitScores(string ClassName, IReadOnlyList<double> Scores, int? Rank, IReadOnlyList<double> LossGaps)
{
    /// <exception cref="IsotopeException">A score is not finite and has no rank.</exception>
    public static UnitScores Of(
        ExchangeUnit unit,
        IReadOnlyDictionary<LabelledImage, Answer> answers,
        IReadOnlyDictionary<LabelledImage, Answer>? reference
    )
    {
        double[] scores = [.. unit.Versions.Select(Score)];
        if (!scores.All(double.IsFinite))
            throw new IsotopeException($"black box: expected finite answers, found others on images of {unit.ClassName}");
        string[] names = [.. unit.Versions.Select(images => images[0].Id)];
        return new UnitScores(unit.ClassName, scores, RankOfFirst(scores, names), Gaps(unit, answers));

        double Score(IReadOnlyList<LabelledImage> images)
        {
            var score = Mean(images, answers);
            return reference is null ? score : score - Mean(images, reference);
        }
    }

    /// <summary>
    /// Equal scores are ordered by their names. The key has drawn the names, so their order does not depend on which version is published.
    /// </summary>
    private static int? RankOfFirst(double[] scores, string[] names)
    {
        if (scores.All(score => score == scores[0]))
            return null;
        return 1 + Enumerable.Range(1, scores.Length - 1).Count(IsBefore);

        bool IsBefore(int version) =>
            scores[version] > scores[0] || (scores[version] == scores[0] && string.CompareOrdinal(names[version], names[0]) < 0);
    }

    private static double Mean(IReadOnlyList<LabelledImage> images, IReadOnlyDictionary<LabelledImage, Answer> answers) =>
        images.Average(image => AnswerScore.Of(answers[image], image.Label));

    private static double[] Gaps(ExchangeUnit unit, IReadOnlyDictionary<LabelledImage, Answer> answers)
    {
        var published = unit.Versions[0];
        return [.. unit.Vanilla.Zip(published, (vanilla, marked) => LossOf(vanilla) - LossOf(marked)).OfType<double>()];

        double? LossOf(LabelledImage image) => AnswerScore.LossOf(answers[image], image.Label);
    }
}
