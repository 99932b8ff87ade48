using Deque.AxeCore.Playwright;
using Isotope.Datasets;
using Isotope.Reports;
using Isotope.Tests.Reports;
using Microsoft.Playwright;

namespace Isotope.Cli.Tests.Results;

[Collection<BrowserCollection>]
public sealed class ReportPageTests(Browser browser) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("test")]
    [InlineData("marking")]
    [InlineData("training")]
    [InlineData("study")]
    [InlineData("story")]
    public async Task Page_OfAnyResult_IsAccessibleQuietSelfContainedAndFitsAPhone(string kind)
    {
        var url = Write(kind);
        Assert.True(new FileInfo(new Uri(url).LocalPath).Length < 3_000_000);
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            var watched = await browser.Open(url, scheme: scheme);
            var found = await watched.Page.RunAxe();
            Assert.Empty(
                found.Violations.Select(violation =>
                    $"{violation.Id}: {violation.Help} {string.Join(" ", violation.Nodes.Select(node => node.Html))}"
                )
            );
            Assert.Empty(watched.Troubles);
            await watched.Page.CloseAsync();
        }

        var phone = await browser.Open(url, width: 360, height: 740);
        Assert.Equal(360, await phone.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Empty(phone.Troubles);
        Assert.NotEmpty(await phone.Page.PdfAsync());
        await phone.Page.CloseAsync();
    }

    [Fact]
    public async Task Table_HeadingPressed_SortsByNumberAndTurns()
    {
        var watched = await browser.Open(Write("test"));
        var cosine = watched.Page.GetByRole(AriaRole.Button, new() { Name = "cosine" });
        await cosine.ClickAsync();
        Assert.Equal(["−0.1000", "0.0200", "0.2200", "0.3100"], await Column(watched.Page, 2));
        Assert.Equal("ascending", await watched.Page.Locator("th:has-text('cosine')").First.GetAttributeAsync("aria-sort"));
        await cosine.FocusAsync();
        await watched.Page.Keyboard.PressAsync("Enter");
        Assert.Equal(["0.3100", "0.2200", "0.0200", "−0.1000"], await Column(watched.Page, 2));
        await watched.Page.GetByRole(AriaRole.Button, new() { Name = "class" }).ClickAsync();
        Assert.Equal("ant", (await watched.Page.Locator("tbody th").AllInnerTextsAsync())[1]);
        await watched.Page.CloseAsync();
    }

    [Fact]
    public async Task Slider_MovedByKeyboard_UncoversTheMarkedImage()
    {
        var watched = await browser.Open(Write("marking"));
        var slider = watched.Page.Locator(".gallery input").First;
        var marked = watched.Page.Locator(".gallery .marked").First;
        Assert.Contains("50%", await Clip());
        await slider.FocusAsync();
        await watched.Page.Keyboard.PressAsync("End");
        Assert.DoesNotContain("50%", await Clip());
        Assert.Equal("100 % marked", await slider.GetAttributeAsync("aria-valuetext"));
        await watched.Page.Keyboard.PressAsync("Home");
        Assert.Contains("100%", await Clip());
        await watched.Page.CloseAsync();

        Task<string> Clip() => marked.EvaluateAsync<string>("image => image.style.clipPath");
    }

    [Fact]
    public async Task Names_OfStrangers_AreTextAndNothingElse()
    {
        foreach (var kind in (string[])["test", "marking"])
        {
            var watched = await browser.Open(Write(kind));
            Assert.Empty(watched.Troubles);
            Assert.Equal(1, await watched.Page.Locator("script").CountAsync());
            Assert.Contains("<script>alert('x')</script>\"'&\\u202egnp.exe", await watched.Page.Locator("main").InnerTextAsync());
            await watched.Page.CloseAsync();
        }
    }

    public void Dispose() => folder.Dispose();

    private static async Task<string[]> Column(IPage page, int column) =>
        [.. await page.Locator($"table tbody tr td:nth-child({column})").AllInnerTextsAsync()];

    private string Write(string kind)
    {
        var (manifest, originals, marked) = kind is "marking" or "story" ? SampleResults.WriteMarking(folder) : default;
        string[] files = kind switch
        {
            "test" => [SampleResults.WriteTest(folder)],
            "marking" => [manifest],
            "training" => [SampleResults.WriteTraining(folder)],
            "study" => [SampleResults.WriteStudy(folder)],
            _ => [SampleResults.WriteTest(folder), SampleResults.WriteTraining(folder), manifest],
        };
        var path = folder.File($"{kind}.html");
        ReportFile.Of(files, originals is null ? null : Dataset.Open(originals), marked is null ? null : Dataset.Open(marked)).Save(path);
        return new Uri(path).AbsoluteUri;
    }
}
