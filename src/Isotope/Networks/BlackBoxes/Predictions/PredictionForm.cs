namespace Isotope.Networks.BlackBoxes.Predictions;

/// <summary>A form of predictions in columns.</summary>
/// <param name="Prefix">The columns' name, without their number.</param>
/// <param name="First">Number of the first column; null for a single column without a number.</param>
/// <param name="PerClass">Whether there is one column per class.</param>
/// <param name="Gives">What it gives for each image.</param>
internal sealed record PredictionForm(string Prefix, int? First, bool PerClass, OutputKind Gives)
{
    /// <summary>Name of the column with image ids.</summary>
    public const string ImageColumn = "image";

    /// <summary>One probability per class.</summary>
    public static readonly PredictionForm Probabilities = new("p", 0, PerClass: true, OutputKind.Probabilities);

    /// <summary>One logit per class.</summary>
    public static readonly PredictionForm Logits = new("logit", 0, PerClass: true, OutputKind.Probabilities);

    /// <summary>The loss of the true class.</summary>
    public static readonly PredictionForm Loss = new("loss", null, PerClass: false, OutputKind.Loss);

    /// <summary>Labels, best first.</summary>
    public static readonly PredictionForm TopLabels = new("top", 1, PerClass: false, OutputKind.TopLabels);

    /// <summary>The best label.</summary>
    public static readonly PredictionForm Label = new("label", null, PerClass: false, OutputKind.Label);

    /// <summary>All forms, from most to least informative.</summary>
    public static readonly IReadOnlyList<PredictionForm> All = [Probabilities, Logits, Loss, TopLabels, Label];

    /// <summary>The form in which answers of a kind are written.</summary>
    public static PredictionForm For(OutputKind kind) => All.First(form => form.Gives == kind);

    /// <summary>Names of this many columns.</summary>
    public IReadOnlyList<string> Names(int count) =>
        First is { } first ? [.. Enumerable.Range(first, count).Select(i => $"{Prefix}{i}")] : [Prefix];

    /// <summary>Names of classes in columns such as <c>p:cat</c>, with their positions, in the file's order.</summary>
    public IReadOnlyList<(string Name, int Position)> FindNamed(IReadOnlyDictionary<string, int> positions)
    {
        var prefix = $"{Prefix}:";
        if (!PerClass)
            return [];
        return
        [
            .. from column in positions
            where column.Key.StartsWith(prefix, StringComparison.Ordinal)
            orderby column.Value
            select (column.Key[prefix.Length..], column.Value),
        ];
    }

    /// <summary>Positions of this form's columns, up to the first number that is missing.</summary>
    public IReadOnlyList<int> Find(IReadOnlyDictionary<string, int> positions) =>
        [.. Names(positions.Count).TakeWhile(positions.ContainsKey).Select(name => positions[name])];

    /// <summary>The answer in a row.</summary>
    /// <exception cref="IsotopeException">The values can't be an answer.</exception>
    public Answer Read(PredictionRow row, int classes) =>
        Gives switch
        {
            OutputKind.Probabilities when this == Logits => CheckedAnswer.OfLogits(row.Where, row.Values),
            OutputKind.Probabilities => CheckedAnswer.OfProbabilities(row.Where, row.Values),
            OutputKind.Loss => CheckedAnswer.OfLoss(row.Where, row.Values[0]),
            _ => CheckedAnswer.OfLabels(row.Where, row.Values, classes),
        };

    /// <summary>The values of an answer, one per column.</summary>
    public double[] Values(Answer answer) =>
        Gives switch
        {
            OutputKind.Probabilities => [.. answer.Probabilities!],
            OutputKind.Loss => [answer.Loss!.Value],
            _ => [.. answer.TopLabels!.Select(label => (double)label)],
        };
}
