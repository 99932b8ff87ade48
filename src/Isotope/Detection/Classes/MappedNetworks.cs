using Isotope.Networks;

namespace Isotope.Detection.Classes;

/// <summary>
/// Networks with an output for each class that is tested: themselves where they have these already. It owns what it makes of them.
/// </summary>
internal sealed class MappedNetworks : IDisposable
{
    private readonly List<MappedNetwork> made = [];
    private readonly Network[] networks;

    /// <param name="read">The networks.</param>
    /// <param name="labels">The classes.</param>
    public MappedNetworks(IReadOnlyList<ReadNetwork> read, IReadOnlyList<int> labels) =>
        networks = [.. read.Select(network => IsAsItIs(network, labels) ? network.Network : Make(network, labels))];

    /// <summary>The network of an index.</summary>
    public Network this[int index] => networks[index];

    /// <summary>All but the first.</summary>
    public IReadOnlyList<Network> Others => networks[1..];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var network in made)
            network.Dispose();
    }

    private static bool IsAsItIs(ReadNetwork network, IReadOnlyList<int> labels) =>
        network.Rows is null && labels.Count == network.Classes.Count;

    private MappedNetwork Make(ReadNetwork network, IReadOnlyList<int> labels)
    {
        var mapped = network.Of(labels);
        made.Add(mapped);
        return mapped;
    }
}
