using Isotope.Networks.Checkpoints;
using static TorchSharp.torch;

namespace Isotope.Networks;

/// <summary>Copies a state dict into a module, strictly: every name and shape must match.</summary>
internal static class WeightLoader
{
    /// <summary>A counter of batch normalisation that old files lack and evaluation does not use.</summary>
    private const string Counter = "num_batches_tracked";

    /// <exception cref="IsotopeException">A tensor is missing, unknown, or of another shape.</exception>
    public static void Load(nn.Module module, StateDict weights, string path)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var unused = weights.Names.ToHashSet(StringComparer.Ordinal);
        foreach (var (name, target) in module.state_dict())
        {
            if (unused.Remove(name)) Copy(weights[name], target, $"{path}: {name}");
            else if (!name.EndsWith(Counter, StringComparison.Ordinal))
                throw new IsotopeException($"{path}: expected a tensor {name} of shape {Shape(target)}, found none");
        }

        if (unused.Count > 0) throw new IsotopeException($"{path}: expected no tensor {unused.Order(StringComparer.Ordinal).First()}; it is of another architecture");
    }

    private static void Copy(Tensor source, Tensor target, string name)
    {
        if (!source.shape.SequenceEqual(target.shape))
            throw new IsotopeException($"{name}: expected shape {Shape(target)}, found {Shape(source)}");
        target.copy_(source);
    }

    private static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
