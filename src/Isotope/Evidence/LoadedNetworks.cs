using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Evidence;

/// <summary>Several networks, loaded and released together.</summary>
internal sealed class LoadedNetworks : IDisposable
{
    private readonly List<Network> networks = [];

    /// <summary>Loads them.</summary>
    /// <param name="files">As <see cref="NetworkReference"/> reads them.</param>
    /// <param name="device">Where they run.</param>
    /// <exception cref="IsotopeException">One can't be loaded; those before it are released.</exception>
    public LoadedNetworks(IEnumerable<string> files, Device device)
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

    /// <summary>The networks, in the order of their files.</summary>
    public IReadOnlyList<Network> Networks => networks;

    /// <summary>Releases them.</summary>
    public void Dispose()
    {
        foreach (var network in networks)
            network.Dispose();
    }
}
