using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Networks.BlackBoxes.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Isotope.Tests.Networks.BlackBoxes.Endpoints;

/// <summary>
/// Faulty servers: a passing failure is retried, any other refused in one line, and no message shows the secret.
/// </summary>
public sealed class EndpointFaultTests : IDisposable
{
    private const string Variable = "ISOTOPE_TEST_HEADER";
    private const string Secret = "Bearer s3cret";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1); // on busy cores
    private readonly TemporaryFolder folder = new();
    private readonly Network network = Fixtures.RandomNetwork();
    private readonly Dataset dataset;
    private readonly ServedModel model;

    public EndpointFaultTests()
    {
        dataset = Fixtures.WriteFolder(folder.File("data"));
        model = new ServedModel(network);
        Environment.SetEnvironmentVariable(Variable, $"Authorization: {Secret}");
    }

    [Theory]
    [InlineData("500")]
    [InlineData("503")]
    [InlineData("429")]
    [InlineData("cut")]
    [InlineData("half")]
    [InlineData("slow")]
    public void Ask_PassingFailure_IsRetried(string fault)
    {
        var requests = 0;
        using var server = new TestServer(context =>
            Interlocked.Increment(ref requests) is 1 or 3 ? Fail(context, fault) : model.Handle(context)
        );
        Assert.Equal(12, Ask(Quick(server) with { Timeout = fault == "slow" ? TimeSpan.FromSeconds(3) : Patience }).Count);
        Assert.Equal((5, 12), (requests, model.Images));
    }

    [Fact]
    public void Ask_RetryAfter_IsWaitedFor()
    {
        var requests = 0;
        using var server = new TestServer(context =>
            Interlocked.Increment(ref requests) == 1 ? Fail(context, "wait") : model.Handle(context)
        );
        var watch = Stopwatch.StartNew();
        Ask(Quick(server));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.99, 30);
    }

    [Theory]
    [InlineData("500", 4, "status 500")]
    [InlineData("slow", 4, "within 1 s, found none in 4 attempts")]
    [InlineData("cut", 4, "a server that answers")]
    [InlineData("wait long", 1, "to be asked again after 1.00:00:00")]
    [InlineData("401", 1, "status 401")]
    [InlineData("redirect", 1, "status 302")]
    [InlineData("garbage", 1, "expected JSON")]
    [InlineData("huge", 1, "")]
    [InlineData("""{"predictions": []}""", 1, "expected 4 predictions, found 0")]
    [InlineData("""{"predictions": [{}, {}, {}, {}]}""", 1, "\"probabilities\"")]
    [InlineData("""{"predictions": [{"probabilities": [1]}, {}, {}, {}]}""", 1, "3 probabilities, found 1")]
    [InlineData("""{"predictions": [{"probabilities": [1, 0, 0, 0]}, {}, {}, {}]}""", 1, "at most 3 numbers")]
    [InlineData(
        """{"predictions": [{"probabilities": [1, 1, 1]}, {}, {}, {}]}""",
        1,
        "prediction 0: expected probabilities that sum to 1, found 3"
    )]
    [InlineData("""{"predictions": [{"probabilities": ["1", 0, 0]}, {}, {}, {}]}""", 1, "an array of numbers")]
    [InlineData("""{"predictions": [{"label": 7}, {}, {}, {}]}""", 1, "labels of 0 to 2")]
    [InlineData("""[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[""", 1, "expected JSON")]
    public void Ask_FailureThatStays_IsOneLineWithoutTheSecret(string fault, int attempts, string named)
    {
        using var server = new TestServer(context => Fail(context, fault));
        var message = Assert
            .Throws<IsotopeException>(() => Ask(Quick(server) with { Timeout = fault == "slow" ? TimeSpan.FromSeconds(1) : Patience }))
            .Message;
        Assert.Contains(named, message);
        Assert.DoesNotContain("s3cret", message);
        Assert.DoesNotContain(message, char.IsControl);
        Assert.Equal(attempts, server.Requests.Count);
    }

    [Theory]
    [InlineData("401")]
    [InlineData("garbage")]
    [InlineData("reason")]
    [InlineData("token alone")]
    [InlineData("token often")]
    public void Ask_LongSecretThatTheServerRepeats_IsNotShownInPart(string fault)
    {
        Environment.SetEnvironmentVariable(Variable, $"Authorization: Bearer {string.Concat(Enumerable.Repeat("s3cret", 200))}");
        using var server = new TestServer(context => Fail(context, fault));
        Assert.DoesNotContain("s3cret", Assert.Throws<IsotopeException>(() => Ask(Quick(server))).Message);
    }

    [Theory]
    [InlineData("Bearer t0ken!", "bad token t0ken! of Bearer", "bad token …")]
    [InlineData("session=s3cret; theme=dark", "cookie s3cret", "cookie …")]
    [InlineData("session=s3cret; theme=dark", "no dark theme", "no dark theme")]
    public void Censor_WhatAServerRepeats_EndsAtTheSecret(string value, string text, string shown) =>
        Assert.Equal(shown, new SecretHeader("Name", value).Censor(text));

    [Fact]
    public async Task Ask_SecretInABrokenStatusLine_IsNotShown()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answering = Task.Run(() => Answer(listener, $"{Secret}\r\n\r\n"));
        var options = new EndpointOptions
        {
            Url = new Uri($"http://{listener.LocalEndpoint}"),
            Retries = 0,
            HeaderVariable = Variable,
        };
        var message = Assert.Throws<IsotopeException>(() => Ask(options)).Message;
        Assert.Contains("a server that answers", message);
        Assert.DoesNotContain("s3cret", message);
        await answering;

        static void Answer(TcpListener listener, string text)
        {
            using var client = listener.AcceptTcpClient();
            client.GetStream().Write(Encoding.ASCII.GetBytes(text));
            while (client.GetStream().ReadByte() >= 0)
            {
                // Until the client disconnects.
            }
        }
    }

    [Fact]
    public void Ask_NoServer_IsRefused()
    {
        using var server = new TestServer(model.Handle);
        server.Dispose();
        Assert.Contains("a server that answers", Assert.Throws<IsotopeException>(() => Ask(Quick(server) with { Retries = 1 })).Message);
    }

    [Fact]
    public void Ask_Header_IsSentAsTheVariableSays()
    {
        using var server = new TestServer(context =>
            context.Request.Headers.Authorization == Secret ? model.Handle(context) : Fail(context, "401")
        );
        Assert.Equal(12, Ask(Quick(server)).Count);
        Assert.Contains("401", Assert.Throws<IsotopeException>(() => Ask(Quick(server) with { HeaderVariable = null })).Message);
    }

    [Theory]
    [InlineData("no colon s3cret")]
    [InlineData("Bad name: s3cret")]
    [InlineData("A: s3cret\r\nB: c")]
    public void Open_UnusableHeader_IsRefusedWithoutTheSecret(string value)
    {
        Environment.SetEnvironmentVariable(Variable, value);
        using var server = new TestServer(model.Handle);
        var message = Assert.Throws<IsotopeException>(() => Ask(Quick(server))).Message;
        Assert.Contains(Variable, message);
        Assert.DoesNotContain("s3cret", message);
    }

    [Fact]
    public void Ask_RateLimit_IsKept()
    {
        using var server = new TestServer(model.Handle);
        var watch = Stopwatch.StartNew();
        Ask(Quick(server) with { BatchSize = 2, RateLimit = 10 });
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.5, 30);
    }

    [Fact]
    public void Ask_Cancelled_EndsSoon()
    {
        using var server = new TestServer(context => Fail(context, "slow"));
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(0.2));
        using var box = EndpointBlackBox.Open(3, Quick(server) with { Timeout = TimeSpan.FromMinutes(5) }, new(OutputKind.Probabilities));
        Assert.ThrowsAny<OperationCanceledException>(() => box.Ask(dataset.Images, cancellation: cancellation.Token));
    }

    /// <summary>Otherwise its images would be asked about again.</summary>
    [Fact]
    public void Ask_CancelledWhileAnAnswerIsOnItsWay_TakesIt()
    {
        using var cancellation = new CancellationTokenSource();
        using var server = new TestServer(context =>
        {
            cancellation.Cancel();
            return model.Handle(context);
        });
        using var box = EndpointBlackBox.Open(3, Quick(server), new(OutputKind.Probabilities));
        var batch = dataset.Images.Take(box.BatchSize).ToArray();
        Assert.Equal(batch.Length, box.Ask(batch, cancellation: cancellation.Token).Count);
        Assert.ThrowsAny<OperationCanceledException>(() => box.Ask(batch, cancellation: cancellation.Token));
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        network.Dispose();
        folder.Dispose();
    }

    private static EndpointOptions Quick(TestServer server) =>
        new()
        {
            Url = server.Url,
            BatchSize = 4,
            Timeout = Patience,
            Retries = 3,
            FirstDelay = TimeSpan.FromMilliseconds(1),
            HeaderVariable = Variable,
        };

    private IReadOnlyList<Answer> Ask(EndpointOptions options)
    {
        using var box = EndpointBlackBox.Open(3, options, new(OutputKind.Probabilities));
        return box.Ask(dataset.Images);
    }

    private static async Task Fail(HttpContext context, string fault)
    {
        switch (fault)
        {
            case "cut":
                context.Abort();
                break;
            case "half":
                context.Response.ContentLength = 1000;
                await context.Response.WriteAsync("{");
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case "slow":
                await Task.Delay(TimeSpan.FromSeconds(20), context.RequestAborted);
                break;
            case "huge":
                var megabyte = new byte[1 << 20];
                for (var i = 0; i < 100; i++)
                    await context.Response.Body.WriteAsync(megabyte, context.RequestAborted);
                break;
            case "wait" or "wait long":
                context.Response.StatusCode = 429;
                context.Response.Headers.RetryAfter = fault == "wait" ? "1" : "86400";
                break;
            case "redirect":
                context.Response.Redirect("http://127.0.0.1:1/elsewhere");
                break;
            case "reason":
                context.Response.StatusCode = 401;
                context.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = context.Request.Headers.Authorization;
                break;
            case "token alone" or "token often":
                var token = context.Request.Headers.Authorization.ToString().Split(' ')[^1];
                await context.Response.WriteAsync(
                    fault == "token alone" ? $"unknown: {new string(' ', 150)}{token}" : string.Concat(Enumerable.Repeat(token, 9))
                );
                break;
            case "garbage":
                await context.Response.WriteAsync($"<html>\nnot for {context.Request.Headers.Authorization}\u0007");
                break;
            case var status when int.TryParse(status, out var code):
                context.Response.StatusCode = code;
                await context.Response.WriteAsync($"no:\n{context.Request.Headers.Authorization}");
                break;
            default:
                await context.Response.WriteAsync(fault);
                break;
        }
    }
}
