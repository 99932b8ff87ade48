using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>A named architecture.</summary>
/// <param name="Name">Its name on the command line, such as <c>resnet20</c>.</param>
/// <param name="HeadName">Name of the final linear layer in state dicts.</param>
/// <param name="Input">The input, unless a checkpoint states another.</param>
/// <param name="Build">Builds it with random weights for a number of classes on a device; <c>null</c> is the CPU.</param>
internal sealed record Architecture(string Name, string HeadName, InputSpec Input, Func<int, Device?, ClassifierModule> Build)
{
    /// <summary>Smallest side of a view, pixels, of which pooling leaves something. Default: 8.</summary>
    public int SmallestInput { get; init; } = 8;

    /// <summary>Number of classes of a state dict with these shapes; null if the final layer's weight is missing or not a matrix.</summary>
    public int? ClassesIn(IReadOnlyDictionary<string, long[]> shapes) =>
        shapes.TryGetValue($"{HeadName}.weight", out var shape) && shape is [> 0 and <= int.MaxValue, _] ? (int)shape[0] : null;
}
