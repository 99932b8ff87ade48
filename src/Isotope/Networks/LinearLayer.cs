using Isotope.Files;

namespace Isotope.Networks;

/// <summary>A linear layer in a file of weights.</summary>
/// <param name="Name">Its name without <c>.weight</c>; in ONNX, the name of its node.</param>
/// <param name="Inputs">Columns of its matrix.</param>
/// <param name="Outputs">Rows of its matrix.</param>
/// <param name="Bias">Whether it has a bias.</param>
public sealed record LinearLayer(string Name, long Inputs, long Outputs, bool Bias)
{
    private const int Listed = 8;

    /// <summary>The last names of a list, on one line: candidates for a classifier that was not found.</summary>
    internal static string Names(IReadOnlyList<string> layers)
    {
        if (layers.Count == 0)
            return "none";
        var last = string.Join(", ", layers.TakeLast(Listed).Select(name => Printable.Start(name)));
        return layers.Count > Listed ? $"{last} and {layers.Count - Listed} before them" : last;
    }
}
