using Isotope.Networks.Architectures;
using Isotope.Networks.Checkpoints;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>Builds a module from a state dict, strictly: every name and shape must match.</summary>
internal static class WeightLoader
{
    /// <summary>Batch normalisation's counter, which old files lack and evaluation does not use.</summary>
    private const string Counter = "num_batches_tracked";

    /// <summary>A buffer that the module computes: never read, since numbers in it would be taken as places in a table.</summary>
    private const string Computed = "relative_position_index";

    /// <summary>The module with these weights, on the CPU.</summary>
    /// <exception cref="IsotopeException">A tensor is missing, unknown, or of another shape.</exception>
    public static ClassifierModule Build(Fit fit, StateDict weights, string path)
    {
        // Before memory is allocated: a tiny file may claim a classifier of many gigabytes.
        if (fit.Differences is [var first, ..])
            throw new IsotopeException($"{path}: {first}{(Hint(fit) is { } hint ? $"; {hint}" : "")}");
        var module = fit.Architecture.Build(fit.Classes ?? 1, null);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var targets = module.state_dict();
        module.Head.bias?.zero_(); // a file may have none
        foreach (var (name, source) in weights)
            if (PlaceOf(name, fit, targets) is { } place && !IsComputed(place.Name))
            {
                RequireNumbers(source, targets[place.Name], $"{path}: {name}");
                Copy(source, targets[place.Name], place.Part);
            }

        return module;
    }

    /// <summary>Names of the tensors that are no part of the architecture.</summary>
    public static IReadOnlyList<string> LeftOver(Fit fit, StateDict weights)
    {
        var expected = fit.Architecture.Shapes(classes: 1);
        return [.. weights.Names.Where(name => PlaceOf(name, fit, expected) is null)];
    }

    /// <summary>Why tensors of these shapes can't be loaded: one line per tensor, in the order of what is expected.</summary>
    public static IReadOnlyList<string> Differences(
        IReadOnlyDictionary<string, long[]> expected,
        IReadOnlyDictionary<string, long[]> shapes
    ) =>
        [
            .. expected.Select(item => Difference(item.Key, item.Value, shapes)).OfType<string>(),
            .. shapes
                .Keys.Where(name => !expected.ContainsKey(name))
                .Order(StringComparer.Ordinal)
                .Select(name => $"expected no tensor {name}; it belongs to another architecture"),
        ];

    /// <summary>Whether two fits, under other prefixes, take the same numbers from a file.</summary>
    public static bool AreSame(Fit one, Fit other, StateDict weights)
    {
        var (sources, others) = (Sources(one, weights), Sources(other, weights));
        return one.Architecture == other.Architecture
            && sources.All(source => others.TryGetValue(source.Key, out var name) && IsSame(source.Value, name));

        bool IsSame(string name, string another)
        {
            using var scope = NewDisposeScope();
            var (tensor, second) = (weights[name], weights[another]);
            return name == another || (tensor.shape.SequenceEqual(second.shape) && (tensor == second).all().item<bool>());
        }
    }

    private static Dictionary<Place, string> Sources(Fit fit, StateDict weights)
    {
        var expected = fit.Architecture.Shapes(classes: 1);
        var sources = new Dictionary<Place, string>();
        foreach (var name in weights.Names)
            if (PlaceOf(name, fit, expected) is { } place)
                sources[place] = name;
        return sources;
    }

    /// <summary>What to do about differences of one kind.</summary>
    public static string? Hint(Fit fit)
    {
        if (fit.Differences.All(difference => difference.Contains(".running_", StringComparison.Ordinal)))
            return "batch normalisation's statistics are missing: save model.state_dict(), not named_parameters()";
        var head = $"{fit.Architecture.HeadName}.";
        return fit.Differences.All(difference => difference.Contains(head, StringComparison.Ordinal))
            ? "its head is another than one linear layer: export the model to ONNX or TorchScript (docs/export.md)"
            : null;
    }

    private static Place? PlaceOf<T>(string name, Fit fit, IReadOnlyDictionary<string, T> expected) =>
        fit.Naming.PlaceOf(name) is { } place && expected.ContainsKey(place.Name) ? place : null;

    private static void Copy(Tensor source, Tensor target, TensorPart part)
    {
        if (part is TensorPart.Whole)
            target.copy_(source);
        else if (part is TensorPart.Column or TensorPart.Matrix)
            target.copy_(source.reshape(target.shape));
        else
            target.narrow(0, (part - TensorPart.First) * source.shape[0], source.shape[0]).copy_(source);
    }

    /// <summary>Integers in a weight's place are steps of a scale that is elsewhere, and a network with NaN answers nothing.</summary>
    private static void RequireNumbers(Tensor source, Tensor target, string name)
    {
        if (!target.is_floating_point())
            return;
        if (!source.is_floating_point())
            throw new IsotopeException(
                $"{name}: expected floating-point numbers, found {source.dtype}: save the model before it is quantised"
            );
        if (!source.isfinite().all().item<bool>())
            throw new IsotopeException(
                $"{name}: expected finite numbers, found infinite ones or NaN: the training failed, or the file is damaged"
            );
    }

    private static bool IsComputed(string name) => name.EndsWith(Computed, StringComparison.Ordinal);

    private static string? Difference(string name, long[] expected, IReadOnlyDictionary<string, long[]> shapes)
    {
        if (shapes.TryGetValue(name, out var found))
            return found.SequenceEqual(expected) ? null : $"{name}: expected shape {Text(expected)}, found {Text(found)}";
        var mayBeMissing = name.EndsWith(Counter, StringComparison.Ordinal) || IsComputed(name);
        return mayBeMissing ? null : $"expected a tensor {name} of shape {Text(expected)}, found none";
    }

    private static string Text(long[] shape) => $"[{string.Join(", ", shape)}]";
}
