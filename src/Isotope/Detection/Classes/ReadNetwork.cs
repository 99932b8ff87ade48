using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Detection.Classes;

/// <summary>A network whose outputs are read as the owner's classes.</summary>
/// <param name="Network">The network.</param>
/// <param name="Model">What it is to the test.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Why">Why this rule.</param>
/// <param name="Classes">The owner's classes.</param>
internal sealed record ReadNetwork(Network Network, string Model, ClassRule Rule, string Why, IReadOnlyList<ReadClass> Classes)
{
    /// <summary>How many outputs the network has; 0 for features alone.</summary>
    public int Outputs { get; } = Network.Classes;

    /// <summary>Rows of the map, one per class of the owner's and one column per output; null for the identity.</summary>
    public double[][]? Rows { get; init; }

    /// <summary>Offsets of the map; null for none.</summary>
    public double[]? Offsets { get; init; }

    /// <summary>As <see cref="ClassReading.Accuracy"/>.</summary>
    public double? Accuracy { get; init; }

    /// <summary>As <see cref="ClassReading.Images"/>.</summary>
    public int Images { get; init; }

    /// <summary>As <see cref="ClassReading.Ridge"/>.</summary>
    public double? Ridge { get; init; }

    /// <summary>As a result carries it.</summary>
    public ClassReading Reading => new(Model, Rule, Why, Outputs, Accuracy, Images, Ridge, Classes);

    /// <summary>The network with an output for each of some of the owner's classes. Its creator disposes it, and the network too.</summary>
    public MappedNetwork Of(IReadOnlyList<int> labels)
    {
        using var scope = NewDisposeScope();
        var rows = labels.SelectMany(label => Rows is null ? Identity(label) : Rows[label]).ToArray();
        var offsets = labels.Select(label => Offsets?[label] ?? 0).ToArray();
        return new MappedNetwork(Network, tensor(rows, [labels.Count, rows.Length / labels.Count]), tensor(offsets));
    }

    private double[] Identity(int label) => [.. Enumerable.Range(0, Outputs).Select(i => i == label ? 1.0 : 0)];
}
