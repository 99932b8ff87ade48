namespace Isotope.Tests;

/// <summary>The house: which folder may know which.</summary>
public sealed class ArchitectureTests
{
    /// <summary>Rooms that know no other, and that any other may know.</summary>
    private static readonly string[] Foundation = ["Files", "Numerics", "Runs"];

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Statistics"] = [],
        ["Pickles"] = [],
        ["Carriers"] = [],
        ["Datasets"] = ["Pickles"],
        ["Networks"] = ["Datasets", "Pickles"],
        ["Attacks"] = ["Datasets", "Networks"],
        ["Analysis"] = ["Carriers"],
        ["Baselines"] = ["Carriers", "Datasets", "Networks", "Statistics"],
        ["Marking"] = ["Carriers", "Datasets", "Networks"],
        ["Training"] = ["Datasets", "Networks"],
        ["Detection"] = ["Carriers", "Datasets", "Networks", "Statistics"],
        ["Evidence"] = ["Carriers", "Datasets", "Detection", "Networks", "Statistics"],
        ["Reports"] = ["Datasets", "Detection", "Evidence", "Statistics"],
    };

    [Fact]
    public void Folders_OfTheLibrary_KnowOnlyThoseBelowThem()
    {
        var root = Path.Combine(Repository.Root(), "src", "Isotope");
        foreach (var folder in Directory.EnumerateDirectories(root).Where(path => Path.GetFileName(path) is not ("bin" or "obj")))
        {
            var room = Path.GetFileName(folder);
            var allowed = Foundation.Contains(room) ? [] : Foundation.Concat(Allowed[room]);
            var forbidden = Foundation.Concat(Allowed.Keys).Except([room, .. allowed]).Select(other => $"Isotope.{other}");
            foreach (var file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
                Assert.DoesNotContain(forbidden, name => File.ReadAllText(file).Contains(name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Statistics_Always_UsesNoLibraryOfTensors() =>
        Assert.All(
            Directory.EnumerateFiles(Path.Combine(Repository.Root(), "src", "Isotope", "Statistics"), "*.cs").SelectMany(File.ReadLines),
            line => Assert.DoesNotContain("TorchSharp", line)
        );
}
