using Isotope.Carriers;
using Isotope.Evidence;

namespace Isotope.Tests.Evidence;

/// <summary>A test as a value: what makes two of them the same test.</summary>
public sealed class TestDescriptionTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void DifferencesFrom_TestsOfOtherOptionsAndInputs_NamesThem()
    {
        Fixtures.WriteFolder(folder.File("images"));
        foreach (var seed in (int[])[1, 2])
            using (var network = Fixtures.RandomNetwork(seed: seed))
                network.Save(folder.File($"{seed}.safetensors"));
        File.Copy(folder.File("2.safetensors"), folder.File("copy.safetensors"));
        var planned = new WhiteBoxDescription
        {
            Key = new OwnerKey(folder.File("owner.key")),
            MarkingNetwork = folder.File("1.safetensors"),
            TestedNetwork = folder.File("2.safetensors"),
            Images = folder.File("images"),
        };

        Assert.Empty(planned.DifferencesFrom(planned with { TestedNetwork = folder.File("copy.safetensors") }));
        var other = planned with { Probes = 9, MarkingNetwork = folder.File("2.safetensors"), References = [folder.File("1.safetensors")] };
        Assert.Equal(
            ["probes", "marking-network", "reference-network"],
            other.DifferencesFrom(planned).Select(finding => finding.Statement)
        );
    }

    public void Dispose() => folder.Dispose();
}
