using System.Runtime.CompilerServices;

namespace Isotope.Tests;

/// <summary>The repository that the tests belong to.</summary>
internal static class Repository
{
    /// <summary>Where the sources of these tests were compiled.</summary>
    public static string Root() => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    /// <summary>What the program carries for its demo: a real network that marks, and real images.</summary>
    public static string Demo(string file) => Path.Combine(Root(), "src", "Isotope.Cli", "Demo", file);

    private static string ThisFile([CallerFilePath] string file = "") => file;
}
