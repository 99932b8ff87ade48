using System.Text.Json;

namespace Isotope.Cli.Tests.Setup;

/// <summary>The demo, run once for all tests that look at what it made.</summary>
public sealed class DemoOnce : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public DemoOnce() => Report = Shell.Json("demo", "--seed", "20", "--out", Folder);

    public string Folder => folder.File("demo");

    public JsonElement Report { get; }

    public void Dispose() => folder.Dispose();
}

/// <summary>Tests that share the demo.</summary>
[CollectionDefinition]
public sealed class DemoCollection : ICollectionFixture<DemoOnce>;
