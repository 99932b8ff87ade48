using Isotope.Files;
using static TorchSharp.torch;

namespace Isotope.Networks.Scripts;

/// <summary>Finds which of the tensors that a program returns is its answer.</summary>
internal static class ScriptAnswer
{
    private const double SameTolerance = 1e-3;

    /// <summary>The answer's place among the returned tensors.</summary>
    /// <param name="returned">What the program returns for several views.</param>
    /// <param name="source">Its source.</param>
    /// <param name="wanted">Place or key of the answer, if the user gave one.</param>
    /// <param name="layers">Its linear layers, which tell features from logits.</param>
    /// <param name="path">Its file.</param>
    /// <exception cref="IsotopeException">There is none, or several answer different questions.</exception>
    public static int Find(
        IReadOnlyList<Tensor?> returned,
        ScriptSource source,
        string? wanted,
        IReadOnlyList<ScriptLayer> layers,
        string path
    )
    {
        using var scope = NewDisposeScope();
        string[] names = [.. Enumerable.Range(0, returned.Count).Select(i => NameOf(i, returned.Count, source))];
        var list = string.Join(", ", names.Zip(returned, (name, tensor) => $"{name} {FormOf(tensor)}").Take(8));
        int[] answers = [.. Enumerable.Range(0, returned.Count).Where(i => HasClasses(returned[i], returned))];
        if (wanted is not null)
        {
            var found = Array.FindIndex(names, name => name == wanted.TrimStart('/'));
            return answers.Contains(found)
                ? found
                : throw new IsotopeException($"{path}: expected a returned N × C tensor '{Printable.Start(wanted)}', found {list}");
        }

        List<int> last = [];
        foreach (var i in answers)
            if (!last.Any(j => IsSame(returned[i]!, returned[j]!, source)))
                last.Add(i);
        last.RemoveAll(i => last.Any(j => j != i && IsLinear(returned[i]!, returned[j]!, source, layers)));
        return last.Count switch
        {
            1 => last[0],
            0 => throw new IsotopeException($"{path}: expected TorchScript that returns N × C numbers, found {list} (docs/export.md)"),
            _ => throw new IsotopeException(
                $"{path}: expected one tensor of N × C numbers, or its place as FILE#/PLACE, found {list} (docs/export.md)"
            ),
        };
    }

    /// <summary>Place of a returned tensor, or its key where the source tells.</summary>
    public static string NameOf(int place, int count, ScriptSource source) => source.Keys.Count == count ? source.Keys[place] : $"{place}";

    private static string FormOf(Tensor? tensor) => tensor is null ? "(no tensor)" : $"[{string.Join(" × ", tensor.shape)}] {tensor.dtype}";

    private static bool HasClasses(Tensor? tensor, IReadOnlyList<Tensor?> returned) =>
        tensor is not null
        && tensor.is_floating_point()
        && tensor.dim() > 1
        && tensor.shape[0] == HeadCheck.Count
        && HeadCheck.Columns(tensor.shape) > 1;

    /// <summary>Whether two tensors are logits and probabilities of the same classifier, at any temperature.</summary>
    private static bool IsSame(Tensor one, Tensor other, ScriptSource source)
    {
        var (first, second) = (Direction(one, source), Direction(other, source));
        return first.shape.SequenceEqual(second.shape) && (first - second).abs().max().item<float>() < SameTolerance;
    }

    private static Tensor Direction(Tensor output, ScriptSource source)
    {
        var flat = HeadCheck.Flat(output).to(float32);
        var logits = ScriptForm.Of(flat, source.Text).LogitsOf(flat);
        var centred = logits - logits.mean([1], keepdim: true);
        return centred / centred.norm();
    }

    /// <summary>Whether a layer of the model makes one tensor from another: logits from features.</summary>
    private static bool IsLinear(Tensor features, Tensor output, ScriptSource source, IReadOnlyList<ScriptLayer> layers)
    {
        var (inputs, flat) = (HeadCheck.Flat(features).to(float32), HeadCheck.Flat(output).to(float32));
        var form = ScriptForm.Of(flat, source.Text);
        return layers
            .Where(layer => layer.Rows == flat.shape[1] && layer.Columns == inputs.shape[1])
            .Any(layer => ScriptHead.Error(inputs, layer.Values(), form, flat) <= HeadCheck.Tolerance);
    }
}
