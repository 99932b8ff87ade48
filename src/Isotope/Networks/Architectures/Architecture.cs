using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>A named architecture.</summary>
/// <param name="Name">Its name on the command line, such as <c>resnet20</c>.</param>
/// <param name="HeadName">Name of the final linear layer in state dicts.</param>
/// <param name="Input">The input, unless a checkpoint states another.</param>
/// <param name="Build">Builds it with random weights for a number of classes on a device; <c>null</c> is the CPU.</param>
internal sealed record Architecture(string Name, string HeadName, InputSpec Input, Func<int, Device?, ClassifierModule> Build)
{
    private static readonly ConcurrentDictionary<Architecture, IReadOnlyDictionary<string, long[]>> Known = new(
        ReferenceEqualityComparer.Instance
    );

    /// <summary>Smallest side of a view, pixels, of which pooling leaves something. Default: 8.</summary>
    public int SmallestInput { get; init; } = 8;

    /// <summary>Largest side of a view, pixels; that of <see cref="SmallestInput"/> if positions are learned. Default: any.</summary>
    public int LargestInput { get; init; } = InputSpec.LargestSize;

    /// <summary>
    /// The commoner architecture with the same names and shapes, as which a file of them is recognised; null if this is it.
    /// </summary>
    public string? CommonerTwin { get; init; }

    /// <summary>What names and shapes leave open, other than twins in the catalogue, a clause each.</summary>
    public IReadOnlyList<string> LeftOpen { get; init; } = [];

    /// <summary>Number of classes of a state dict with these shapes; null if the final layer's weight is missing or not a matrix.</summary>
    public int? ClassesIn(IReadOnlyDictionary<string, long[]> shapes) =>
        shapes.TryGetValue($"{HeadName}.weight", out var shape) && shape is [> 0 and <= int.MaxValue, _] ? (int)shape[0] : null;

    /// <summary>
    /// Names and shapes of its tensors, in the module's order. They come from the meta device, where tensors have shapes but no values.
    /// </summary>
    public IReadOnlyDictionary<string, long[]> Shapes(int classes)
    {
        var shapes = new OrderedDictionary<string, long[]>(Known.GetOrAdd(this, static architecture => architecture.ShapesForOneClass()));
        shapes[$"{HeadName}.weight"] = [classes, shapes[$"{HeadName}.weight"][1]];
        shapes[$"{HeadName}.bias"] = [classes];
        return shapes;
    }

    private OrderedDictionary<string, long[]> ShapesForOneClass()
    {
        using var scope = NewDisposeScope();
        using var module = Build(1, new Device(DeviceType.META));
        return new(module.state_dict().Select(item => KeyValuePair.Create(item.Key, item.Value.shape)));
    }
}
