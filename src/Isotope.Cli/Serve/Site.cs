using System.Net;
using System.Security.Cryptography;
using System.Text;
using Isotope.Networks;
using Isotope.Reports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Isotope.Cli.Serve;

/// <summary>
/// The local web page. It serves this machine only (127.0.0.1), to whoever has the token (printed at start, and kept in a cookie that other
/// sites' requests do not carry) and asks for this host by name, so that no page elsewhere can reach it.
/// </summary>
internal sealed class Site(OpenFolders folders, Detections detections, string token)
{
    private const string Cookie = "isotope";
    private const string TokenParameter = "token";
    private readonly DetectionForm form = new(folders, token);

    /// <summary>Serves until it is cancelled.</summary>
    /// <param name="port">Port to listen on; 0 for a free one.</param>
    /// <param name="started">Called with the address.</param>
    /// <param name="cancellation">Ends the server.</param>
    public async Task Run(int port, Action<string> started, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, port);
            options.Limits.MaxRequestBodySize = 64 << 10;
            options.AddServerHeader = false;
        });
        await using var app = builder.Build();
        app.Use(Guard);
        app.MapGet("/", () => Page(HomePage.Of(folders, detections)));
        app.MapGet("/new", () => Page(form.Page()));
        app.MapPost("/new", Start);
        app.MapGet("/report/{**path}", Report);
        app.MapGet("/run/{number:int}", RunState);
        app.MapGet("/journal/{**path}", JournalState);
        await app.StartAsync(cancellation);
        started($"{app.Urls.First()}/?{TokenParameter}={token}");
        await app.WaitForShutdownAsync(cancellation);
    }

    /// <summary>A token that nobody can guess.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Lets through only a person who has the token, on a page of this server.</summary>
    private async Task Guard(HttpContext context, RequestDelegate next)
    {
        var response = context.Response;
        AddSecurityHeaders(response.Headers);
        if (ReasonToRefuse(context) is { } reason)
        {
            response.StatusCode = StatusCodes.Status403Forbidden;
            await response.WriteAsync(reason);
        }
        else if (TokenInAddress(context.Request) is not null)
            LogIn(response);
        else
            await next(context);
    }

    private static void AddSecurityHeaders(IHeaderDictionary headers)
    {
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin"; // with no-referrer browsers would send forms with an Origin of null
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.XFrameOptions = "DENY";
    }

    private string? ReasonToRefuse(HttpContext context)
    {
        var request = context.Request;
        var host = request.Host.Value;
        var port = context.Connection.LocalPort;
        if (host != $"127.0.0.1:{port}" && host != $"localhost:{port}")
            return "unknown host";
        if (request.Headers.Origin.ToString() is { Length: > 0 } origin && origin != $"http://{host}")
            return "request of another site";
        if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
            return "request of another site";
        if (TokenInAddress(request) is { } given)
            return IsToken(given) ? null : "wrong token";
        return IsToken(request.Cookies[Cookie]) ? null : "no token: open the address that isotope serve printed";
    }

    /// <summary>The token of the address that is printed at start; null for other addresses.</summary>
    private static string? TokenInAddress(HttpRequest request) =>
        request.Path == "/" && request.Query[TokenParameter].ToString() is { Length: > 0 } given ? given : null;

    /// <summary>Moves the token from the address into a cookie.</summary>
    private void LogIn(HttpResponse response)
    {
        var options = new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            IsEssential = true,
        };
        response.Cookies.Append(Cookie, token, options);
        response.Redirect("/");
    }

    private bool IsToken(string? given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given ?? ""), Encoding.UTF8.GetBytes(token));

    private IResult Report(string path)
    {
        if (folders.Find(path) is not { } file || !File.Exists(file))
            return Results.NotFound();
        try
        {
            return Page(ReportFile.Of([file]));
        }
        catch (IsotopeException e)
        {
            return Page(new Report("No report", Html.Of($"<p>{e.CommandLineMessage}</p>"), []));
        }
    }

    private async Task<IResult> Start(HttpRequest request)
    {
        var sent = await request.ReadFormAsync();
        if (!IsToken(sent[TokenParameter]))
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        try
        {
            var output = NewFile(sent["out"].ToString());
            var job = Detections.TestOf(
                Existing("key"),
                Existing("marking"),
                Existing("tested"),
                sent["reference"].ToString().Length > 0 ? Existing("reference") : null,
                Existing("images")
            );
            detections.Start(job, output);
            return Results.Redirect("/");
        }
        catch (IsotopeException e)
        {
            return Page(form.Page(name => sent[name].ToString(), e.CommandLineMessage), StatusCodes.Status400BadRequest);
        }

        string Existing(string field) => ExistingFile(field, sent[field].ToString());
    }

    /// <summary>A file or folder that a field of the form names, or a network reference to one.</summary>
    private string ExistingFile(string field, string value)
    {
        if (folders.Find(value) is { } path)
            return path;
        var reference = NetworkReference.Parse(value);
        return folders.Find(reference.Path) is { } file
            ? reference.At(file).ToString()
            : throw new IsotopeException($"{field}: expected a file or folder below the folders that are shown, found '{value}'");
    }

    private string NewFile(string path)
    {
        var folder = folders.Find(path.Contains('/', StringComparison.Ordinal) ? path[..path.LastIndexOf('/')] : "");
        var name = Path.GetFileName(path);
        if (folder is null || name.Length == 0 || !name.EndsWith(".json", StringComparison.Ordinal))
            throw new IsotopeException($"out: expected a new file .json below the folders that are shown, found '{path}'");
        var full = Path.Combine(folder, name);
        return Path.Exists(full) ? throw new IsotopeException($"out: expected a new file, found {path}, which exists") : full;
    }

    /// <summary>How far a detection is, as its page asks every second.</summary>
    private IResult RunState(int number)
    {
        if (detections.All.FirstOrDefault(run => run.Number == number) is not { } run)
            return Results.NotFound();
        var (stage, done, total, _) = run.Progress;
        return Results.Json(
            new
            {
                stage = run.Failure ?? $"{stage} {done}/{total}",
                done,
                total,
                over = run.IsOver,
                result = run.Result is { } file ? $"/report/{folders.PathOf(file)}" : null,
            }
        );
    }

    private IResult JournalState(string path) =>
        folders.Find(path) is { } file ? Results.Json(new { stage = RunJournal.Describe(new FileInfo(file)) }) : Results.NotFound();

    private static IResult Page(Report report, int status = StatusCodes.Status200OK) =>
        Results.Text(report.ToHtml(), "text/html; charset=utf-8", Encoding.UTF8, status);
}
