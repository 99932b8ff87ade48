using Isotope.Files;
using static Isotope.Files.UntrustedFile;

namespace Isotope.Networks.Onnx;

/// <summary>An output of a model, as a candidate for its answer.</summary>
/// <param name="Path">Where its numbers come from.</param>
/// <param name="Form">Its type and shape, for people.</param>
/// <param name="HasClasses">Whether it is N × C floating-point numbers.</param>
internal sealed record OnnxOutput(OnnxPath Path, string Form, bool HasClasses)
{
    /// <summary>The output that is the model's answer.</summary>
    /// <param name="outputs">All outputs.</param>
    /// <param name="wanted">Its name, if the user gave one.</param>
    /// <param name="graph">The model's graph.</param>
    /// <exception cref="InvalidDataException">There is none, or several answer different questions.</exception>
    public static OnnxPath Choose(IReadOnlyList<OnnxOutput> outputs, string? wanted, OnnxGraph graph)
    {
        if (wanted is not null)
            return Named(outputs, wanted);
        // Several outputs of one layer, such as logits and probabilities, are one answer. What only ranks is used where there is no other.
        var answers = outputs.Where(output => output.HasClasses).ToArray();
        if (answers.Length == 0)
            answers = [.. outputs.Where(output => output.Path.IsRanking)];
        OnnxOutput[] different = [.. answers.DistinctBy(answer => (answer.Path.Root, answer.Path.Part))];
        OnnxOutput[] last = [.. different.Where(output => !different.Any(other => output.IsFeaturesOf(other, graph)))];
        return last.Length switch
        {
            1 => answers.First(answer => (answer.Path.Root, answer.Path.Part) == (last[0].Path.Root, last[0].Path.Part)).Path,
            0 => throw Unexpected(
                "an output of N × C numbers, one per class (docs/export.md says how to export one)",
                $"outputs {List(outputs)}"
            ),
            _ => throw Unexpected("one output of N × C numbers, or its name as FILE#/NAME (docs/export.md)", $"outputs {List(outputs)}"),
        };
    }

    /// <summary>An output as the file itself describes it; without a shape, it may be anything.</summary>
    public static OnnxOutput Stated(ValueInfoProto output, OnnxPath path)
    {
        const int half = 10,
            wide = 11;
        var type = output.Type?.TensorType;
        var isFloat = type is null or { ElemType: 1 or half or wide };
        long[]? shape = type?.Shape is { } stated ? [.. stated.Dim.Select(size => size.HasDimValue ? size.DimValue : -1)] : null;
        var hasClasses = shape is null or { Length: > 1 } && HeadCheck.Columns(shape ?? [-1, -1]) is not (0 or 1);
        var form = shape is null ? "" : $"[{string.Join(", ", shape.Select(size => size < 0 ? "?" : $"{size}"))}]";
        return new OnnxOutput(path, form, isFloat && hasClasses && !path.IsRanking);
    }

    /// <summary>Names of outputs, for people.</summary>
    public static string Names(IReadOnlyList<OnnxPath> paths) =>
        string.Join(", ", paths.Take(8).Select(path => Printable.Start(path.Output)));

    private static string List(IReadOnlyList<OnnxOutput> outputs) =>
        outputs.Count == 0
            ? "none"
            : string.Join(", ", outputs.Take(8).Select(output => $"{Printable.Start(output.Path.Output)} {output.Form}"));

    private static OnnxPath Named(IReadOnlyList<OnnxOutput> outputs, string wanted)
    {
        var found =
            outputs.FirstOrDefault(output => output.Path.Output == wanted)
            ?? outputs.FirstOrDefault(output => $"/{output.Path.Output}" == wanted)
            ?? throw Unexpected($"an output named '{Printable.Start(wanted.TrimStart('/'))}'", $"outputs {List(outputs)}");
        if (!found.HasClasses && !found.Path.IsRanking)
            throw Unexpected($"an output of N × C numbers named '{Printable.Start(wanted)}'", $"outputs {List(outputs)}");
        return found.Path;
    }

    /// <summary>Whether the other output is a linear function of this one: a classifier's of its features, not of probabilities.</summary>
    private bool IsFeaturesOf(OnnxOutput other, OnnxGraph graph) =>
        this != other && !Path.AreProbabilities && other.Path.Linear is { } linear && graph.IsBefore(Path.Root, linear.Input[0]);
}
