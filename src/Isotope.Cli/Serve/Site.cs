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
/// The local web page: this machine alone (127.0.0.1), who has the token alone (it is printed at start, and kept in a cookie that no other
/// site's requests carry), and for this host's name alone, so that no page elsewhere can reach it.
/// </summary>
internal sealed class Site(OpenFolders folders, Detections detections, string token)
{
    private const string Cookie = "isotope";
    private const string TokenParameter = "token";

    /// <summary>Serves until it is cancelled.</summary>
    /// <param name="port">A free one where 0.</param>
    /// <param name="started">Told the address.</param>
    /// <param name="cancellation">Ends it.</param>
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
        app.MapGet("/", () => Page(Pages.Home(folders, detections)));
        app.MapGet("/new", () => Page(Pages.New(folders, token)));
        app.MapPost("/new", Start);
        app.MapGet("/report/{**path}", Report);
        app.MapGet("/run/{number:int}", State);
        app.MapGet(
            "/journal/{**path}",
            (string path) =>
                folders.Find(path) is { } file ? Results.Json(new { stage = Pages.Journal(new FileInfo(file)) }) : Results.NotFound()
        );
        await app.StartAsync(cancellation);
        started($"{app.Urls.First()}/?{TokenParameter}={token}");
        await app.WaitForShutdownAsync(cancellation);
    }

    /// <summary>A token that nobody guesses.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Lets through what comes from a person who has the token, on a page of this server.</summary>
    private async Task Guard(HttpContext context, RequestDelegate next)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "same-origin"; // with no-referrer browsers would send forms with an Origin of null
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers.XFrameOptions = "DENY";
        var host = $"127.0.0.1:{context.Connection.LocalPort}";
        if (request.Host.Value != host && request.Host.Value != $"localhost:{context.Connection.LocalPort}")
            await Refuse("unknown host");
        else if (request.Headers.Origin.ToString() is { Length: > 0 } origin && origin != $"http://{request.Host.Value}")
            await Refuse("request of another site");
        else if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
            await Refuse("request of another site");
        else if (request.Query[TokenParameter].ToString() is { Length: > 0 } given && request.Path == "/")
        {
            if (!IsToken(given))
                await Refuse("wrong token");
            else
            {
                response.Cookies.Append(
                    Cookie,
                    token,
                    new CookieOptions
                    {
                        HttpOnly = true,
                        SameSite = SameSiteMode.Strict,
                        IsEssential = true,
                    }
                );
                response.Redirect("/"); // the token does not stay in the address
            }
        }
        else if (!IsToken(request.Cookies[Cookie]))
            await Refuse("no token: open the address that isotope serve printed");
        else
            await next(context);

        Task Refuse(string why)
        {
            response.StatusCode = StatusCodes.Status403Forbidden;
            return response.WriteAsync(why);
        }
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
            return Page(new Report("No report", Html.Of($"<p>{e.Message}</p>"), []));
        }
    }

    private async Task<IResult> Start(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        if (!IsToken(form[TokenParameter]))
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        try
        {
            var output = NewFile(form["out"].ToString());
            var job = Detections.TestOf(
                Existing("key"),
                Existing("marking"),
                Existing("tested"),
                form["reference"].ToString().Length > 0 ? Existing("reference") : null,
                Existing("images")
            );
            detections.Start(job, output);
            return Results.Redirect("/");
        }
        catch (IsotopeException e)
        {
            return Page(Pages.New(folders, token, name => form[name].ToString(), e.Message), StatusCodes.Status400BadRequest);
        }

        string Existing(string name)
        {
            var value = form[name].ToString();
            if (folders.Find(value) is { } whole)
                return whole;
            var parts = NetworkReference.Parse(value);
            return folders.Find(parts.Path) is { } found
                ? parts.At(found).ToString()
                : throw new IsotopeException($"{name}: expected a file or folder below the folders that are shown, found '{value}'");
        }
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

    private IResult State(int number)
    {
        if (detections.All.FirstOrDefault(run => run.Number == number) is not { } run)
            return Results.NotFound();
        var (stage, done, total, failure, result) = Pages.State(folders, run);
        return Results.Json(
            new
            {
                stage = failure ?? $"{stage} {done}/{total}",
                done,
                total,
                over = run.IsOver,
                result,
            }
        );
    }

    private static IResult Page(Report report, int status = StatusCodes.Status200OK) =>
        Results.Text(report.ToHtml(), "text/html; charset=utf-8", Encoding.UTF8, status);
}
