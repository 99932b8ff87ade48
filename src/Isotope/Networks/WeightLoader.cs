using Isotope.Networks.Architectures;
using Isotope.Networks.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>Builds a module from a state dict, strictly: every name and shape must match.</summary>
internal static class WeightLoader
{
    /// <summary>Batch normalisation's counter, which old files lack and evaluation does not use.</summary>
    private const string Counter = "num_batches_tracked";

    /// <summary>The module with these weights, on the CPU.</summary>
    /// <exception cref="IsotopeException">A tensor is missing, unknown, or of another shape.</exception>
    public static ClassifierModule Build(Architecture architecture, int classes, StateDict weights, string path)
    {
        RequireShapes(architecture, classes, weights, path);
        var module = architecture.Build(classes, null);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (name, target) in module.state_dict())
            if (weights.TryGet(name, out var source))
                target.copy_(source);
        return module;
    }

    /// <summary>Why tensors of these shapes can't be loaded into a module: one line per tensor, in the module's order.</summary>
    public static IReadOnlyList<string> Differences(nn.Module module, IReadOnlyDictionary<string, long[]> shapes)
    {
        using var scope = NewDisposeScope();
        var expected = module.state_dict();
        return
        [
            .. expected.Select(item => Difference(item.Key, item.Value.shape, shapes)).OfType<string>(),
            .. shapes
                .Keys.Where(name => !expected.ContainsKey(name))
                .Order(StringComparer.Ordinal)
                .Select(name => $"expected no tensor {name}; it belongs to another architecture"),
        ];
    }

    // Checked on the meta device, before memory is allocated: a tiny file may claim a classifier of many gigabytes.
    private static void RequireShapes(Architecture architecture, int classes, StateDict weights, string path)
    {
        using var module = architecture.Build(classes, new Device(DeviceType.META));
        if (Differences(module, weights.Shapes) is [var first, ..])
            throw new IsotopeException($"{path}: {first}");
    }

    private static string? Difference(string name, long[] expected, IReadOnlyDictionary<string, long[]> shapes)
    {
        if (shapes.TryGetValue(name, out var found))
            return found.SequenceEqual(expected) ? null : $"{name}: expected shape {Text(expected)}, found {Text(found)}";
        var mayBeMissing = name.EndsWith(Counter, StringComparison.Ordinal);
        return mayBeMissing ? null : $"expected a tensor {name} of shape {Text(expected)}, found none";
    }

    private static string Text(long[] shape) => $"[{string.Join(", ", shape)}]";
}
