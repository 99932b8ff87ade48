using System.Net;
using Deque.AxeCore.Playwright;
using Isotope.Carriers;
using Isotope.Cli.Serve;
using Isotope.Files;
using Isotope.Tests.Reports;
using TorchSharp;

namespace Isotope.Cli.Tests.Results;

[Collection<BrowserCollection>]
public sealed class ServeTests(Browser browser) : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly TemporaryFolder outside = new();
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource<string> address = new();
    private Task server = Task.CompletedTask;
    private Uri root = null!;
    private string token = "";

    public async ValueTask InitializeAsync()
    {
        SampleResults.WriteTest(folder);
        File.WriteAllText(outside.File("secret.json"), File.ReadAllText(folder.File("result.json")));
        if (!OperatingSystem.IsWindows())
            File.CreateSymbolicLink(folder.File("link.json"), outside.File("secret.json"));
        token = Site.NewToken();
        var site = new Site(new OpenFolders([folder.Path]), new Detections(torch.CPU, stop.Token), token);
        server = site.Run(0, address.SetResult, stop.Token);
        root = new Uri(new Uri(await address.Task).GetLeftPart(UriPartial.Authority) + "/");
    }

    [Fact]
    public void Serve_OnAPortThatIsTaken_IsRefusedInOneLine() =>
        Shell.AssertRefused(
            $"--port: expected one that may be listened on, found {root.Port}",
            "serve",
            folder.Path,
            "--port",
            $"{root.Port}"
        );

    [Fact]
    public async Task Address_IsThisMachineAlone() => Assert.Equal(("127.0.0.1", $"{root}?token={token}"), (root.Host, await address.Task));

    [Theory]
    [InlineData("", HttpStatusCode.OK)]
    [InlineData("report/0/result.json", HttpStatusCode.OK)]
    [InlineData("report/0/../../etc/passwd", HttpStatusCode.NotFound)]
    [InlineData("report/0/%2e%2e/%2e%2e/etc/passwd", HttpStatusCode.NotFound)]
    [InlineData("report/0//etc/passwd", HttpStatusCode.NotFound)]
    [InlineData("report/0/link.json", HttpStatusCode.NotFound)]
    [InlineData("report/1/result.json", HttpStatusCode.NotFound)]
    [InlineData("report/-1/result.json", HttpStatusCode.NotFound)]
    [InlineData("journal/0/link.json", HttpStatusCode.NotFound)]
    public async Task Get_WithTheToken_ShowsWhatLiesInTheFoldersAndNothingElse(string path, HttpStatusCode expected) =>
        Assert.Equal(expected, (await Send(path)).StatusCode);

    [Fact]
    public async Task Request_WithoutTokenOrOfAnotherSite_IsRefused()
    {
        Assert.Equal(HttpStatusCode.Forbidden, (await Send("", cookie: null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Send("", cookie: "guess")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Send("?token=guess", cookie: null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Send("", header: ("Host", "evil.example"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Send("", header: ("Origin", "https://evil.example"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Send("", header: ("Sec-Fetch-Site", "cross-site"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Send("new", form: new() { ["token"] = "guess" })).StatusCode);
    }

    [Fact]
    public async Task New_FileOutsideOrResultThatExists_IsRefusedByName()
    {
        var answer = await Send(
            "new",
            form: new()
            {
                ["token"] = token,
                ["key"] = "0/../x",
                ["marking"] = "0/m",
                ["tested"] = "0/m",
                ["images"] = "0",
                ["out"] = "0/new.json",
            }
        );
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains("key: expected a file or folder below the folders", page);
        Assert.Contains("value=\"0/../x\"", page); // what was typed is not lost
        Assert.Contains("value=\"0/new.json\"", page);
        answer = await Send("new", form: new() { ["token"] = token, ["out"] = "0/result.json" });
        Assert.Contains("which exists", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Home_RunsThatGoOn_AreShownWithWhatIsDone()
    {
        File.WriteAllText(folder.File("marked.journal.jsonl"), "{}\n{}\n{}\n");
        File.WriteAllText(folder.File("asked.csv.answers.jsonl"), "{}\n{}\n");
        File.WriteAllText(folder.File("done.csv.answers.jsonl"), "{}\n{}\n");
        using var claim = OutputLock.Take(folder.File("asked.csv.answers.jsonl"));
        var page = await (await Send("")).Content.ReadAsStringAsync();
        Assert.Matches("marked.journal.jsonl: <span[^>]*>2 done", page);
        Assert.Matches("asked.csv.answers.jsonl: <span[^>]*>1 done", page);
        Assert.DoesNotContain("done.csv", page);
    }

    [Fact]
    public void Start_ResultThatAnotherTestWillWrite_IsRefused()
    {
        var detections = new Detections(torch.CPU, new CancellationToken(canceled: true)); // so that tests wait
        var job = Detections.TestOf("k", "m", "t", null, "i");
        detections.Start(job, folder.File("new.json"));
        Assert.StartsWith(
            "out: expected a new file, found new.json",
            Assert.Throws<IsotopeException>(() => detections.Start(job, folder.File("new.json"))).Message
        );
        Assert.Equal(2, detections.Start(job, folder.File("other.json")).Number);
    }

    [Fact]
    public void Start_FailureOfAnyKind_EndsTheTestWithOneLine()
    {
        KeyFile.Save(CarrierKey.FromSeed(3, 64, 5), folder.File("owner.key"), "passphrase");
        var key = new OwnerKey(folder.File("owner.key"), () => throw new NotImplementedException("libtorch is\nelsewhere"));
        var run = new Detections(torch.CPU, stop.Token).Start(
            Detections.TestOf("k", "m", "t", null, "i") with
            {
                Key = key,
            },
            folder.File("new.json")
        );
        Assert.True(SpinWait.SpinUntil(() => run.IsOver, TimeSpan.FromSeconds(20)));
        Assert.Equal("libtorch is", run.Failure);
    }

    [Fact]
    public async Task Person_WhoStartsADetection_SeesItsProgressAndItsReport()
    {
        Fixtures.WriteFolder(folder.File("images"), perClass: 20);
        using (var network = Fixtures.RandomNetwork())
            network.Save(folder.File("marker.safetensors"));
        using (var network = Fixtures.RandomNetwork(seed: 2))
            network.Save(folder.File("suspect.safetensors"));
        KeyFile.Save(CarrierKey.FromSeed(3, 64, 5), folder.File("owner.key"));
        var watched = await browser.Open(await address.Task);
        var page = watched.Page;
        Assert.Equal(root.AbsoluteUri, page.Url);
        await page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "Test a suspect model" }).ClickAsync();
        Assert.Empty((await page.RunAxe()).Violations.Select(violation => violation.Help));
        (string Field, string Value)[] answers =
        [
            ("key", "0/owner.key"),
            ("marking", "0/marker.safetensors"),
            ("tested", "0/suspect.safetensors"),
            ("images", "0/images"),
            ("out", "0/new.json"),
        ];
        foreach (var (field, value) in answers)
            await page.FillAsync($"#{field}", value);
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Test" }).ClickAsync();
        await page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "new.json", Exact = true })
            .ClickAsync(new() { Timeout = 120_000 });
        Assert.Contains("What this says", await page.InnerTextAsync("main"));
        Assert.True(File.Exists(folder.File("owner.key.ledger.jsonl")));
        Assert.DoesNotContain(watched.Troubles, trouble => !trouble.StartsWith($"asked for {root}", StringComparison.Ordinal));
        await page.CloseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        try
        {
            await server;
        }
        catch (OperationCanceledException) { }

        stop.Dispose();
        folder.Dispose();
        outside.Dispose();
    }

    private async Task<HttpResponseMessage> Send(
        string path,
        string? cookie = "",
        (string Name, string Value)? header = null,
        Dictionary<string, string>? form = null
    )
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(
            form is null ? HttpMethod.Get : HttpMethod.Post,
            new Uri($"{root}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })
        );
        if (cookie is not null)
            request.Headers.Add("Cookie", $"isotope={(cookie.Length == 0 ? token : cookie)}");
        if (header is var (name, value))
            request.Headers.TryAddWithoutValidation(name, value);
        if (form is not null)
            request.Content = new FormUrlEncodedContent(form);
        return await client.SendAsync(request);
    }
}
