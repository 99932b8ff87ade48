namespace Isotope.Tests;

/// <summary>The house: which folder may know which.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Statistics"] = [],
        ["Pickles"] = [],
        ["Datasets"] = ["Pickles"],
        ["Carriers"] = ["Datasets"],
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
            var name = Path.GetFileName(folder);
            var forbidden = Allowed.Keys.Except(Allowed[name]).Where(other => other != name).Select(other => $"Isotope.{other}");
            foreach (var file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
                Assert.DoesNotContain(forbidden, name => File.ReadAllText(file).Contains(name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Statistics_Always_UsesTheBaseClassLibraryAlone()
    {
        var usings = Directory
            .EnumerateFiles(Path.Combine(Repository.Root(), "src", "Isotope", "Statistics"), "*.cs")
            .SelectMany(File.ReadLines)
            .Where(line => line.StartsWith("using ", StringComparison.Ordinal));
        Assert.All(usings, line => Assert.StartsWith("using System", line));
    }
}
