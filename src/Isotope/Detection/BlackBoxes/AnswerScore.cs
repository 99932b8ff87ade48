using Isotope.Networks.BlackBoxes;

namespace Isotope.Detection.BlackBoxes;

/// <summary>
/// How much an answer favours the true class: larger for images that a model was trained on. There is one score for each kind of answer.
/// </summary>
internal static class AnswerScore
{
    /// <summary>
    /// Probabilities: the log odds ln(p/(1 − p)) of the true class, which unlike ln p do not flatten near certainty. A loss: its negative.
    /// Labels: minus the position of the true one, which comes right after the list if it is absent.
    /// </summary>
    public static double Of(Answer answer, int label) =>
        answer switch
        {
            { Probabilities: { } probabilities } => LogOdds(probabilities, label),
            { Loss: { } loss } => -loss,
            { TopLabels: { } labels } => -(labels.TakeWhile(top => top != label).Count() + 1),
            _ => throw new IsotopeException("black box: expected probabilities, a loss or labels in every answer, found an empty one"),
        };

    /// <summary>−ln p of the true class; null if the answer has only labels.</summary>
    public static double? LossOf(Answer answer, int label) =>
        answer.Probabilities is { } probabilities ? Answer.LossOf(probabilities[label]) : answer.Loss;

    private static double LogOdds(IReadOnlyList<double> probabilities, int label)
    {
        // The sum of the others keeps digits that 1 − p would lose.
        var others = probabilities.Where((_, i) => i != label).Sum();
        return Answer.LossOf(others) - Answer.LossOf(probabilities[label]);
    }
}
