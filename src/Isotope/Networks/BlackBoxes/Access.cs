using System.Globalization;

namespace Isotope.Networks.BlackBoxes;

/// <summary>How much of its output a model reveals.</summary>
/// <param name="Kind">What it returns.</param>
/// <param name="Labels">Number of labels, best first, if it returns labels.</param>
public sealed record Access(OutputKind Kind, int Labels = 1)
{
    private const string TopPrefix = "topk:";

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public string Name =>
        Kind switch
        {
            OutputKind.Probabilities => "probabilities",
            OutputKind.Loss => "loss",
            OutputKind.TopLabels => $"{TopPrefix}{Labels}",
            _ => "label",
        };

    /// <summary>Reads <c>probabilities</c>, <c>loss</c>, <c>topk:K</c> or <c>label</c>.</summary>
    /// <exception cref="IsotopeException">The text is something else.</exception>
    public static Access Parse(string text) =>
        text switch
        {
            "probabilities" => new(OutputKind.Probabilities),
            "loss" => new(OutputKind.Loss),
            "label" => new(OutputKind.Label),
            _ when TopLabelsIn(text) is { } labels => new(OutputKind.TopLabels, labels),
            _ => throw new IsotopeException($"--access: expected probabilities, loss, topk:K or label, found '{text}'"),
        };

    /// <summary>The part of an answer that this access reveals.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="label">The image's class, for its loss.</param>
    /// <param name="where">Where the answer stands, for errors.</param>
    /// <exception cref="IsotopeException">The answer has less than that.</exception>
    internal Answer Of(Answer answer, int label, string where)
    {
        if (answer.Probabilities is { } probabilities)
            return Of([.. probabilities], label);
        if (answer.Loss is not null && Kind == OutputKind.Loss)
            return answer;
        if (answer.TopLabels is { } labels && (Kind == OutputKind.Label || (Kind == OutputKind.TopLabels && labels.Count >= Labels)))
            return new Answer { TopLabels = [.. labels.Take(Labels)] };
        var found = answer.Loss is null ? $"{answer.TopLabels?.Count ?? 0} labels" : "a loss";
        throw new IsotopeException($"{where}: expected {this}, found {found} (see --access)");
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Kind switch
        {
            OutputKind.Probabilities => "probabilities",
            OutputKind.Loss => "a loss",
            OutputKind.TopLabels => $"{Labels} labels",
            _ => "a label",
        };

    /// <summary>The part of probabilities that this access reveals.</summary>
    /// <exception cref="IsotopeException">There are fewer classes than labels to reveal.</exception>
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

    private static int? TopLabelsIn(string text)
    {
        if (!text.StartsWith(TopPrefix, StringComparison.Ordinal))
            return null;
        var isNumber = int.TryParse(text.AsSpan(TopPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var labels);
        return isNumber && labels >= 1 ? labels : null;
    }
}
