using Isotope.Networks;

namespace Isotope.Evidence;

/// <summary>Several networks, loaded and released together.</summary>
internal sealed class LoadedNetworks : IDisposable
{
    private readonly List<Network> networks = [];

    /// <summary>Loads them.</summary>
    /// <param name="files">Their names and paths, and what they take.</param>
    /// <param name="environment">Where they run.</param>
    /// <exception cref="IsotopeException">One can't be loaded; those before it are released.</exception>
    public LoadedNetworks(IEnumerable<InputPath> files, TestEnvironment environment)
    {
        try
        {
            foreach (var file in files)
                networks.Add(environment.Load(file));
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
