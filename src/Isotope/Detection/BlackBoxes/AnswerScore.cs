using Isotope.Networks.BlackBoxes;

namespace Isotope.Detection.BlackBoxes;

/// <summary>
/// How much an answer favours the true class; larger for images that a model was trained on. Fixed for each kind of answer.
/// </summary>
internal static class AnswerScore
{
    /// <summary>
    /// With probabilities ln(p/(1 − p)) of the true class, which unlike ln p does not flatten near certainty; with a loss its negative;
    /// with labels minus the true one's position, one behind the list where it is absent.
    /// </summary>
    public static double Of(Answer answer, int label) =>
        answer switch
        {
            { Probabilities: { } probabilities } => Answer.LossOf(probabilities.Where((_, i) => i != label).Sum())
                - Answer.LossOf(probabilities[label]),
            { Loss: { } loss } => -loss,
            { TopLabels: { } labels } => -(labels.TakeWhile(top => top != label).Count() + 1),
            _ => throw new IsotopeException("black box: expected probabilities, a loss or labels in every answer, found an empty one"),
        };

    /// <summary>−ln p of the true class; null where the answer has labels alone.</summary>
    public static double? LossOf(Answer answer, int label) =>
        answer.Probabilities is { } probabilities ? Answer.LossOf(probabilities[label]) : answer.Loss;
}
