using System.CommandLine;
using System.Net.Http.Headers;
using Isotope.Cli.Terminal;
using Isotope.Evidence;
using Isotope.Files;

namespace Isotope.Cli.Commands.Evidence;

/// <summary><c>isotope timestamp</c>: asks somebody else to date a file, and checks the answer.</summary>
internal sealed class TimestampCommand : IsotopeCommand
{
    private const string QueryType = "application/timestamp-query";
    private const int MostBytes = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string[] CommandLines =
    [
        "isotope timestamp plan.json --tsa https://freetsa.org/tsr",
        "isotope timestamp plan.json --request plan.json.tsq",
        "isotope timestamp plan.json --check plan.json.tsr --authority root.pem",
    ];

    private readonly Argument<string> file = new("file") { Description = "A plan, a commitment, a ledger: any file" };
    private readonly Option<string?> tsa = new("--tsa")
    {
        Description = "Ask this authority, and write its answer to FILE.tsr",
        HelpName = "URL",
    };
    private readonly Option<string?> request = new("--request") { Description = "Write what to ask, for other tools to send" };
    private readonly Option<string?> check = new("--check") { Description = "Check an authority's answer" };
    private readonly AuthorityOption authority = new();

    public TimestampCommand(Session session)
        : base(session, "timestamp", "Have somebody else date a file (RFC 3161): only its hash leaves this machine", CommandLines)
    {
        Add(file);
        AddOptions(tsa, request, check, authority);
    }

    protected override int Run(ParseResult parsed)
    {
        var path = parsed.GetRequiredValue(file);
        var document = BoundDocument.Read("timestamp", path);
        if (parsed.GetValue(request) is { } query)
        {
            AtomicFile.Write(query, stream => stream.Write(TimeStamp.Request(document)));
            Show(parsed, $"request     {query}: send it as {QueryType}");
            return 0;
        }

        var answered = parsed.GetValue(check) ?? $"{path}.tsr";
        if (parsed.GetValue(tsa) is { } url)
        {
            var answer = Ask(url, TimeStamp.Request(document));
            _ = TimeStamp.Of(url, answer, document, parsed.GetValue(authority));
            AtomicFile.Write(answered, stream => stream.Write(answer), kept: "a time stamp is not replaced");
        }
        else if (parsed.GetValue(check) is null)
        {
            throw new IsotopeException("timestamp: expected --tsa, --request or --check, found none");
        }

        var stamp = TimeStamp.Load(answered, document, parsed.GetValue(authority));
        Show(
            parsed,
            $"dated       {stamp.Time:u}",
            $"by          {Printable.Line(stamp.Authority)}{(stamp.IsTrusted ? "" : ", not trusted here (--authority)")}",
            $"answer      {answered}"
        );
        return 0;
    }

    private void Show(ParseResult parsed, params string[] lines) =>
        Session.Write(parsed, new TimestampReport(lines), ReportJson.Default.TimestampReport, lines);

    private byte[] Ask(string url, byte[] query)
    {
        try
        {
            using var client = new HttpClient { Timeout = Patience, MaxResponseContentBufferSize = MostBytes };
            using var content = new ByteArrayContent(query) { Headers = { ContentType = new MediaTypeHeaderValue(QueryType) } };
            using var answer = client.PostAsync(url, content, Session.Cancellation).GetAwaiter().GetResult().EnsureSuccessStatusCode();
            return answer.Content.ReadAsByteArrayAsync(Session.Cancellation).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException or UriFormatException or TaskCanceledException)
        {
            Session.Cancellation.ThrowIfCancellationRequested();
            throw new IsotopeException($"--tsa {url}: expected a time stamp, found: {e.Message}", e);
        }
    }
}

/// <summary>What <c>timestamp</c> found.</summary>
internal sealed record TimestampReport(IReadOnlyList<string> Lines);
