using System.Globalization;

namespace Isotope.Networks.BlackBoxes;

/// <summary>How much of its output a model shows.</summary>
/// <param name="Kind">What it tells.</param>
/// <param name="Labels">How many labels, best first, where it tells labels.</param>
public sealed record Access(OutputKind Kind, int Labels = 1)
{
    private const string TopPrefix = "topk:";

    /// <summary>What <see cref="Parse"/> reads.</summary>
    public string Name =>
        Kind switch
        {
            OutputKind.Probabilities => "probabilities",
            OutputKind.Loss => "loss",
            OutputKind.TopLabels => $"{TopPrefix}{Labels}",
            _ => "label",
        };

    /// <summary>Reads <c>probabilities</c>, <c>loss</c>, <c>topk:K</c> or <c>label</c>.</summary>
    /// <exception cref="IsotopeException">Something else.</exception>
    public static Access Parse(string text) =>
        text switch
        {
            "probabilities" => new(OutputKind.Probabilities),
            "loss" => new(OutputKind.Loss),
            "label" => new(OutputKind.Label),
            _ when text.StartsWith(TopPrefix, StringComparison.Ordinal)
                    && int.TryParse(text.AsSpan(TopPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var k)
                    && k >= 1 => new(OutputKind.TopLabels, k),
            _ => throw new IsotopeException($"--access: expected probabilities, loss, topk:K or label, found '{text}'"),
        };

    /// <summary>What is left of an answer.</summary>
    /// <exception cref="IsotopeException">It does not tell as much.</exception>
    internal Answer Of(Answer answer, int label, string where) =>
        answer switch
        {
            { Probabilities: { } probabilities } => Of([.. probabilities], label),
            { Loss: not null } when Kind == OutputKind.Loss => answer,
            { TopLabels: { } labels } when Kind == OutputKind.Label || (Kind == OutputKind.TopLabels && labels.Count >= Labels) =>
                new Answer { TopLabels = [.. labels.Take(Labels)] },
            _ => throw new IsotopeException(
                $"{where}: expected {this}, found {(answer.Loss is null ? $"{answer.TopLabels?.Count ?? 0} labels" : "a loss")} (see "
                    + "--access)"
            ),
        };

    /// <inheritdoc/>
    public override string ToString() =>
        Kind switch
        {
            OutputKind.Probabilities => "probabilities",
            OutputKind.Loss => "a loss",
            OutputKind.TopLabels => $"{Labels} labels",
            _ => "a label",
        };

    /// <summary>What is left of probabilities.</summary>
    /// <exception cref="IsotopeException">They are fewer than the labels that it shows.</exception>
    internal Answer Of(double[] probabilities, int label) =>
        Kind switch
        {
            OutputKind.Probabilities => new Answer { Probabilities = probabilities },
            OutputKind.Loss => new Answer { Loss = Answer.LossOf(probabilities[label]) },
            _ when Labels > probabilities.Length => throw new IsotopeException(
                $"--access: expected at most the {probabilities.Length} labels that there are, found {Name}"
            ),
            _ => new Answer
            {
                TopLabels = [.. Enumerable.Range(0, probabilities.Length).OrderByDescending(i => probabilities[i]).Take(Labels)],
            },
        };
}
