using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Isotope.Cli.Tests.Api;
using Isotope.Reports;
using Isotope.Tests.Networks;
using static Isotope.Cli.Tests.Shell;

namespace Isotope.Cli.Tests;

/// <summary>
/// The documentation, run. Blocks <c>sh</c> and hidden ones (comments that begin with <c>sh</c>) of a page run one after the other in one
/// folder with ten small classes; <c>sh no-run REASON</c> is not run; <c>csharp</c> is an excerpt of the examples, which are compiled;
/// other blocks have another name.
/// </summary>
public sealed partial class DocsTests : IDisposable
{
    private static readonly string Root = Repository.Root();
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Isotope.Cli");
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Pages() =>
        [
            "README.md",
            "src/Isotope/README.md",
            .. Directory
                .EnumerateFiles(Path.Combine(Root, "docs"), "*.md")
                .Select(path => $"docs/{Path.GetFileName(path)}")
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Blocks_OfAPage_RunOrSayWhyNot(string page)
    {
        if (OperatingSystem.IsWindows())
            return;
        var text = File.ReadAllText(Path.Combine(Root, page));
        var script = new StringBuilder();
        foreach (
            var block in Blocks().Matches(text).Select(match => (Name: match.Groups["name"].Value.Trim(), Body: match.Groups["body"].Value))
        )
        {
            Assert.False(block.Name.Length == 0, $"{page}: a block without a name: {block.Body[..Math.Min(60, block.Body.Length)]}");
            if (block.Name == "sh")
                script.Append(block.Body).Append('\n');
            if (block.Name.StartsWith("sh ", StringComparison.Ordinal))
                Assert.Matches("^sh no-run \\w+", block.Name);
            if (block.Name == "csharp")
                Assert.Contains(Squeezed(block.Body), Examples());
        }

        if (script.Length > 0)
            RunScript(page, script.ToString());
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_OfAPage_LeadSomewhere(string page)
    {
        var path = Path.Combine(Root, page);
        foreach (
            var link in Links()
                .Matches(File.ReadAllText(path))
                .Select(match => match.Groups[1].Value)
                .Where(link => !link.Contains("://", StringComparison.Ordinal))
        )
        {
            var parts = link.Split('#');
            var target = parts[0].Length == 0 ? path : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, parts[0]));
            Assert.True(Path.Exists(target), $"{page}: link to {link}");
            if (parts.Length == 2)
                Assert.Contains(parts[1], File.ReadLines(target).Where(line => line.StartsWith('#')).Select(AnchorOf));
        }
    }

    /// <summary>The reference of commands is their help.</summary>
    [Fact]
    public void Commands_Page_IsTheHelpOfEveryCommand()
    {
        var page = new StringBuilder("# Commands\n\nThe help of every command (this page is generated from it).\n");
        foreach (var command in CommandLineTests.AllCommands().Select(row => row.Data).Where(name => name != "isotope"))
            page.Append($"\n## {command}\n```text\n{Fitted(Run([.. command.Split(' ').Skip(1), "--help"]).Output.Trim())}\n```\n");
        Approve("commands.md", page.ToString());
    }

    /// <summary>The reference of the library is what its code says of itself.</summary>
    [Fact]
    public void Api_Page_IsTheDocumentationOfEveryPublicType()
    {
        var docs = new XmlDocs(Path.Combine(AppContext.BaseDirectory, "Isotope.xml"));
        Approve("api.md", ApiPage.Of(typeof(IsotopeException).Assembly, docs));
    }

    public void Dispose() => folder.Dispose();

    private static void Approve(string name, string page)
    {
        var path = Path.Combine(Root, "docs", name);
        if (Environment.GetEnvironmentVariable("ISOTOPE_APPROVE") == "1")
            File.WriteAllText(path, page);
        Assert.Equal(File.ReadAllText(path), page);
    }

    /// <summary>
    /// A terminal wraps long lines of help and a page does not: descriptions go on below their start, examples after a backslash.
    /// </summary>
    private static string Fitted(string help) => string.Join('\n', help.Split('\n').Select(FittedLine));

    private static string FittedLine(string line)
    {
        if (line.Length <= Paragraph.Width)
            return line;
        if (!line.StartsWith("  isotope ", StringComparison.Ordinal))
        {
            var start = HelpStart().Match(line).Value;
            return Paragraph.Wrap(line[start.Length..], start);
        }

        // Breaks come before options alone, so that each stays with its value.
        var options = OtherSpaces().Replace(line.Trim(), "\u00a0");
        return Paragraph.Wrap(options, "  ").Replace("\n  ", " \\\n    ", StringComparison.Ordinal).Replace('\u00a0', ' ');
    }

    private void RunScript(string page, string script)
    {
        Fixtures.WriteFolder(folder.File("train"), classes: 10, perClass: 10, size: 32);
        Fixtures.WriteFolder(folder.File("test"), classes: 10, perClass: 3, size: 32, firstSeed: 1000);
        using (var network = SmallNetworks.RandomResNet20())
            network.Save(folder.File("resnet20.th"));
        File.CreateSymbolicLink(folder.File("isotope"), Program);
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(
            process.ExitCode == 0,
            $"{page}: exit code {process.ExitCode}: {error.Result[Math.Max(0, error.Result.Length - 1500)..]}"
        );
    }

    private static string Examples() =>
        Squeezed(
            string.Concat(
                Directory
                    .EnumerateFiles(Path.Combine(Root, "examples"), "*.cs", SearchOption.AllDirectories)
                    .Where(path => !path.Contains("/obj/", StringComparison.Ordinal))
                    .Select(File.ReadAllText)
            )
        );

    private static string Squeezed(string code) => Spaces().Replace(code, " ").Trim();

    private static string AnchorOf(string heading) =>
        NoAnchor().Replace(heading.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(
        "^(?:```(?<name>[^\n]*)\n(?<body>.*?)\n```|<!-- (?<name>sh)\n(?<body>.*?)\n-->)$",
        RegexOptions.Multiline | RegexOptions.Singleline
    )]
    private static partial Regex Blocks();

    [GeneratedRegex("\\]\\(([^)\\s]+)\\)")]
    private static partial Regex Links();

    [GeneratedRegex("\\s+")]
    private static partial Regex Spaces();

    /// <summary>The indentation of a line of help and, where two columns follow, the first of them.</summary>
    [GeneratedRegex("^ +(?:\\S+(?: \\S+)* {2,})?")]
    private static partial Regex HelpStart();

    [GeneratedRegex(" (?!--)")]
    private static partial Regex OtherSpaces();

    [GeneratedRegex("[^\\p{L}\\p{N} _-]")]
    private static partial Regex NoAnchor();
}
