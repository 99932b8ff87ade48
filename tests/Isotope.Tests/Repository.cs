using System.Runtime.CompilerServices;

namespace Isotope.Tests;

/// <summary>The repository that the tests belong to.</summary>
internal static class Repository
{
    /// <summary>Where the sources of these tests were compiled.</summary>
    public static string Root() => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    private static string ThisFile([CallerFilePath] string file = "") => file;
}
