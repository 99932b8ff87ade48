using Isotope.Cli.Demo;

namespace Isotope.Cli.Tests.Models;

/// <summary>The demo's images and network, unpacked once for a class of tests.</summary>
public sealed class DemoImages : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public DemoImages() => DemoAssets.Unpack(folder.Path);

    public string Train => folder.File("vanilla/train");

    public string Test => folder.File("vanilla/test");

    public string Marker => folder.File(DemoAssets.Marker);

    public void Dispose() => folder.Dispose();
}
