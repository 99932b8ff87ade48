using Microsoft.Playwright;

namespace Isotope.Cli.Tests.Results;

/// <summary>One headless Chromium for all tests of pages. Where there is none, tests are skipped, but not under CI.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        if (Places.FirstOrDefault(File.Exists) is not { } path)
            return;
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = path,
                Args =
                [
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--no-first-run",
                ],
            }
        );
    }

    /// <summary>Opens a page and watches it for errors and for requests to the network.</summary>
    public async Task<WatchedPage> Open(string url, int width = 1100, int height = 900, ColorScheme scheme = ColorScheme.Light)
    {
        if (browser is null)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "no Chromium on this machine (apt-get install chromium)");
            Assert.Fail("expected Chromium under CI, found none");
        }

        var page = await browser.NewPageAsync(
            new BrowserNewPageOptions
            {
                ViewportSize = new ViewportSize { Width = width, Height = height },
                ColorScheme = scheme,
            }
        );
        var watched = new WatchedPage(page);
        await page.GotoAsync(url);
        return watched;
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }
}

/// <summary>A page, with what it requested and what went wrong in it.</summary>
public sealed class WatchedPage
{
    private readonly List<string> troubles = [];

    public WatchedPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                troubles.Add(message.Text);
        };
        page.PageError += (_, error) => troubles.Add(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("file:", StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                troubles.Add($"asked for {request.Url}");
        };
        page.Dialog += (_, dialog) =>
        {
            troubles.Add($"dialog {dialog.Message}");
            _ = dialog.DismissAsync();
        };
    }

    public IPage Page { get; }

    public IReadOnlyList<string> Troubles => troubles;
}

/// <summary>Tests that share the browser.</summary>
[CollectionDefinition]
public sealed class BrowserCollection : ICollectionFixture<Browser>;
