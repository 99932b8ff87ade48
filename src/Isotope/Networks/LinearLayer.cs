using Isotope.Files;

namespace Isotope.Networks;

/// <summary>A linear layer of a file of weights.</summary>
/// <param name="Name">Its name without <c>.weight</c>; in ONNX that of its node.</param>
/// <param name="Inputs">Columns.</param>
/// <param name="Outputs">Rows.</param>
/// <param name="Bias">Whether there is a bias beside it.</param>
public sealed record LinearLayer(string Name, long Inputs, long Outputs, bool Bias)
{
    private const int Listed = 8;

    /// <summary>The last of some layers' names, for one line: candidates for a classifier that was not found.</summary>
    internal static string Names(IReadOnlyList<string> layers) =>
        layers.Count == 0
            ? "none"
            : string.Join(", ", layers.TakeLast(Listed).Select(name => Printable.Start(name)))
                + (layers.Count > Listed ? $" and {layers.Count - Listed} before them" : "");
}
