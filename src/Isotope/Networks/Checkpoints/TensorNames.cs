using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>The names under which tensors are written.</summary>
internal static class TensorNames
{
    /// <summary>The key of a safetensors header that is no tensor; refused in every format, so that each can be converted.</summary>
    public const string Reserved = "__metadata__";

    /// <exception cref="IsotopeException">A name is used twice, or is <see cref="Reserved"/>.</exception>
    public static void Check(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        HashSet<string> seen = [Reserved];
        foreach ((string name, _) in tensors)
            if (!seen.Add(name))
                throw new IsotopeException($"tensor '{name}': expected a name of its own, found it in use");
    }
}
