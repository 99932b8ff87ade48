using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands;

/// <summary>Several networks, loaded and released together.</summary>
internal sealed class NetworkList : IDisposable
{
    private readonly List<Network> networks = [];

    /// <exception cref="IsotopeException">One can't be loaded; those before it are released.</exception>
    public NetworkList(IEnumerable<string> files, Device device)
    {
        try
        {
            foreach (var file in files)
                networks.Add(Network.Load(file, device));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IReadOnlyList<Network> Networks => networks;

    public void Dispose()
    {
        foreach (var network in networks)
            network.Dispose();
    }
}
