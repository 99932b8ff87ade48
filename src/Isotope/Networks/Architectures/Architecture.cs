using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>An architecture by its name: how to build it and what it takes unless a checkpoint says otherwise.</summary>
/// <param name="Name">As on the command line, such as <c>resnet20</c>.</param>
/// <param name="HeadName">Name of the final linear layer in state dicts.</param>
/// <param name="Input">Default input.</param>
/// <param name="Build">Builds it with random weights for a number of classes, on a device or, with <c>null</c>, the CPU.</param>
public sealed record Architecture(string Name, string HeadName, InputSpec Input, Func<int, Device?, ClassifierModule> Build)
{
    /// <summary>Least side of a view of which the pooling leaves something, pixels. Default: 8.</summary>
    public int SmallestInput { get; init; } = 8;

    /// <summary>Number of classes of a state dict with these shapes; null if the final layer's weight is not there as a matrix.</summary>
    public int? ClassesIn(IReadOnlyDictionary<string, long[]> shapes) =>
        shapes.TryGetValue($"{HeadName}.weight", out var shape) && shape is [> 0 and <= int.MaxValue, _] ? (int)shape[0] : null;
}
