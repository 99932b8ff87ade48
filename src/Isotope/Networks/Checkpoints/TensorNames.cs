using static TorchSharp.torch;

namespace Isotope.Networks.Checkpoints;

/// <summary>Checks the names under which tensors are written.</summary>
internal static class TensorNames
{
    /// <summary>The safetensors key that is not a tensor; refused in every format, so that any file can be converted.</summary>
    public const string Reserved = "__metadata__";

    /// <summary>Checks that all names differ.</summary>
    /// <exception cref="IsotopeException">A name is used twice, or is <see cref="Reserved"/>.</exception>
    public static void Check(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        HashSet<string> seen = [Reserved];
        foreach (var (name, _) in tensors)
            if (!seen.Add(name))
                throw new IsotopeException($"tensor '{name}': expected a name of its own, found it in use");
    }
}
