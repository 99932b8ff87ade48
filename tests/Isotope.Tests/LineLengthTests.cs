namespace Isotope.Tests;

/// <summary>No reader scrolls sideways: code and tables have at most 140 columns, prose 120.</summary>
public sealed class LineLengthTests
{
    private const int MostColumns = 140;
    private const int MostColumnsOfProse = 120;

    private static readonly string[] Kinds = [".cs", ".md", ".sh", ".csproj", ".props", ".targets"];

    /// <summary>Folders of what tools write.</summary>
    private static readonly string[] Generated = ["bin", "obj", ".git", "TestResults", "StrykerOutput"];

    [Fact]
    public void Lines_OfEveryText_FitAWindow()
    {
        var files = TextsBelow(Repository.Root()).ToArray();
        Assert.True(files.Length > 100, $"expected the repository's texts, found {files.Length} files");
        string[] tooLong = [.. files.SelectMany(LongLines)];
        Assert.True(tooLong.Length == 0, $"{tooLong.Length} lines are too long:\n{string.Join('\n', tooLong)}");
    }

    [Theory]
    [InlineData("prose", 121, true)]
    [InlineData("prose", 120, false)]
    [InlineData("| table", 140, false)]
    [InlineData("| table", 141, true)]
    [InlineData("```sh\n", 140, false)]
    [InlineData("```sh\n", 141, true)]
    [InlineData("<!-- sh\n", 140, false)]
    [InlineData("<!-- sh\n", 141, true)]
    public void LongLines_OfMarkdown_DependOnWhatTheyAre(string start, int columns, bool isLong)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("page.md");
        var line = start.EndsWith('\n') ? "" : start;
        File.WriteAllText(path, $"{start[..^line.Length]}{line.PadRight(columns, 'x')}\n");
        Assert.Equal(isLong, LongLines(path).Any());
    }

    private static IEnumerable<string> TextsBelow(string folder) =>
        Directory
            .EnumerateDirectories(folder)
            .Where(path => !Generated.Contains(Path.GetFileName(path)))
            .SelectMany(TextsBelow)
            .Concat(Directory.EnumerateFiles(folder).Where(path => Kinds.Contains(Path.GetExtension(path))));

    private static IEnumerable<string> LongLines(string path)
    {
        var isMarkdown = Path.GetExtension(path) == ".md";
        var inBlock = false;
        foreach (var (i, line) in File.ReadLines(path).Index())
        {
            var text = line.TrimStart();
            if (text.StartsWith("```", StringComparison.Ordinal) || text.StartsWith("<!--", StringComparison.Ordinal))
                inBlock = !inBlock;
            var isProse = isMarkdown && !inBlock && !text.StartsWith('|');
            if (line.Length > (isProse ? MostColumnsOfProse : MostColumns))
                yield return $"{Path.GetRelativePath(Repository.Root(), path)}:{i + 1}: {line.Length} columns";
            if (line.EndsWith("-->", StringComparison.Ordinal))
                inBlock = false;
        }
    }
}
