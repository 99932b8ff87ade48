using System.Net;
using System.Text;
using System.Text.Json;
using Isotope.Files;
using Isotope.Numerics;
using Polly;
using Polly.Retry;

namespace Isotope.Networks.BlackBoxes.Endpoints;

/// <summary>
/// JSON over HTTP, one request at a time: time-outs, retries with exponential back-off and jitter (or as long as Retry-After says), a rate
/// limit, a bounded response. Redirects are not followed: the header with the secret goes to the address given and nowhere else.
/// </summary>
internal sealed class EndpointClient : IDisposable
{
    private const long MaxResponse = 64L << 20;
    private const int ShownLength = 200;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <summary>
    /// What an answer that is on its way may take after an interruption: its images would be asked about, and paid for, again.
    /// </summary>
    private static readonly TimeSpan LastAnswer = TimeSpan.FromSeconds(5);
    private readonly EndpointOptions options;
    private readonly SecretHeader? secret;
    private readonly HttpClient http;
    private readonly ResiliencePipeline<HttpResponseMessage> pipeline;
    private readonly TimeProvider time = TimeProvider.System;
    private long? lastRequest;

    /// <exception cref="IsotopeException">An option is out of range, or the header's variable is missing.</exception>
    public EndpointClient(EndpointOptions options)
    {
        options.Validate();
        this.options = options;
        secret = options.HeaderVariable is { } variable ? SecretHeader.Read(variable) : null;
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            Timeout = options.Timeout,
            MaxResponseContentBufferSize = MaxResponse,
        };
        secret?.AddTo(http.DefaultRequestHeaders);
        pipeline = Pipeline();
    }

    /// <summary>Sends a request and reads the answer: GET without a body, else POST.</summary>
    /// <exception cref="IsotopeException">The server can't be reached, refuses, or answers something else than JSON.</exception>
    public JsonDocument Send(Uri url, byte[]? body, CancellationToken cancellation)
    {
        using var response = Attempt(url, body, cancellation);
        var bytes = response.Content.ReadAsByteArrayAsync(CancellationToken.None).GetAwaiter().GetResult();
        if (!response.IsSuccessStatusCode)
            throw new IsotopeException(
                $"{url}: expected an answer, found status {(int)response.StatusCode} "
                    + $"{Start(response.ReasonPhrase ?? "")}{RetryAfterText(response)}{Shown(bytes)}"
            );
        try
        {
            return JsonFile.ParseChecked(bytes);
        }
        catch (JsonException)
        {
            throw new IsotopeException($"{url}: expected JSON, found something else{Shown(bytes)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private HttpResponseMessage Attempt(Uri url, byte[]? body, CancellationToken cancellation)
    {
        try
        {
            return pipeline.Execute(token => Once(url, body, token), cancellation);
        }
        catch (TaskCanceledException e) when (IsTimeout(e))
        {
            throw new IsotopeException(
                $"{url}: expected an answer within {options.Timeout.TotalSeconds} s, found none in {options.Retries + 1} attempts (see "
                    + "--timeout)",
                e
            );
        }
        catch (HttpRequestException e)
        {
            throw new IsotopeException(
                $"{url}: expected a server that answers, found: "
                    + $"{Censored($"{e.Message}{(e.InnerException is { } inner ? $" ({inner.Message})" : "")}")}",
                e
            );
        }
    }

    private HttpResponseMessage Once(Uri url, byte[]? body, CancellationToken cancellation)
    {
        WaitForTurn(cancellation);
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, url);
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/json" } } };
        using var end = new CancellationTokenSource();
        using var interrupted = cancellation.Register(() => end.CancelAfter(LastAnswer));
        return http.Send(request, end.Token);
    }

    private void WaitForTurn(CancellationToken cancellation)
    {
        if (options.RateLimit is { } rate && lastRequest is { } last)
        {
            // Waiting counts whole milliseconds and may end early.
            while (
                TimeSpan.FromSeconds(1 / rate) - time.GetElapsedTime(last) is { Ticks: > 0 } wait && !cancellation.IsCancellationRequested
            )
                cancellation.WaitHandle.WaitOne(wait + TimeSpan.FromMilliseconds(1));
        }

        cancellation.ThrowIfCancellationRequested();
        lastRequest = time.GetTimestamp();
    }

    private ResiliencePipeline<HttpResponseMessage> Pipeline()
    {
        if (options.Retries == 0)
            return ResiliencePipeline<HttpResponseMessage>.Empty;
        var jitter = new RandomStream(Environment.ProcessId, "jitter of retries");
        return new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddRetry(
                new RetryStrategyOptions<HttpResponseMessage>
                {
                    MaxRetryAttempts = options.Retries,
                    Delay = options.FirstDelay,
                    MaxDelay = LongestWait,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Randomizer = jitter.NextDouble,
                    ShouldHandle = arguments => ValueTask.FromResult(IsTransient(arguments.Outcome)),
                    DelayGenerator = arguments =>
                        ValueTask.FromResult(arguments.Outcome.Result is { } response ? RetryAfter(response) : null),
                }
            )
            .Build();
    }

    /// <summary>
    /// Time-outs, connections that break, "too many requests" and the server's own errors; not one that asks to wait for too long.
    /// </summary>
    private bool IsTransient(Outcome<HttpResponseMessage> outcome) =>
        outcome switch
        {
            { Result: { } response } => (response.StatusCode == HttpStatusCode.TooManyRequests || (int)response.StatusCode >= 500)
                && !(RetryAfter(response) > LongestWait),
            { Exception: HttpRequestException e } => e.HttpRequestError
                is HttpRequestError.ConnectionError
                    or HttpRequestError.ResponseEnded
                    or HttpRequestError.Unknown,
            { Exception: TaskCanceledException e } => IsTimeout(e),
            _ => false,
        };

    private static bool IsTimeout(TaskCanceledException e) => e.InnerException is TimeoutException;

    private TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
            _ => null,
        };

    private string RetryAfterText(HttpResponseMessage response) =>
        RetryAfter(response) is { } wait ? $", to be asked again after {wait:d\\.hh\\:mm\\:ss}" : "";

    /// <summary>The beginning of what came, in one line of printable characters.</summary>
    private string Shown(byte[] bytes)
    {
        var text = Start(Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, (4 * ShownLength) + (secret?.Bytes ?? 0)))));
        return text.Length == 0 ? "" : $": {text}";
    }

    private string Start(string text) => Printable.Start(Censored(text), ShownLength);

    private string Censored(string text) => secret?.Censor(text) ?? text;
}
