using Isotope.Carriers;
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
    public static UnitScores Of(
        ExchangeUnit unit, IReadOnlyDictionary<LabelledImage, Answer> answers, IReadOnlyDictionary<LabelledImage, Answer>? reference, CarrierKey key)
    {
        double[] scores = [.. unit.Versions.Select(images => Mean(images, answers) - (reference is null ? 0 : Mean(images, reference)))];
        return new UnitScores(unit.ClassName, scores, RankOf(scores, key.Stream($"ties {unit.Name}")), Gaps(unit, answers));
    }

    /// <summary>Among equals the published version's place is drawn.</summary>
    private static int? RankOf(double[] scores, RandomStream random)
    {
        var (above, equal) = (scores.Count(score => score > scores[0]), scores.Count(score => score == scores[0]) - 1);
        return equal == scores.Length - 1 ? null : 1 + above + random.Next(equal + 1);
    }

    private static double Mean(IReadOnlyList<LabelledImage> images, IReadOnlyDictionary<LabelledImage, Answer> answers) =>
        images.Average(image => AnswerScore.Of(answers[image], image.Label));

    private static double[] Gaps(ExchangeUnit unit, IReadOnlyDictionary<LabelledImage, Answer> answers)
    {
        return [.. unit.Vanilla.Zip(unit.Versions[0], (vanilla, marked) => LossOf(vanilla) - LossOf(marked)).OfType<double>()];

        double? LossOf(LabelledImage image) => AnswerScore.LossOf(answers[image], image.Label);
    }
}
