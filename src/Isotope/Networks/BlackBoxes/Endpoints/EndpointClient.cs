using System.Net;
using System.Text;
using System.Text.Json;
using Isotope.Files;
using Isotope.Numerics;
using Polly;
using Polly.Retry;

namespace Isotope.Networks.BlackBoxes.Endpoints;

/// <summary>
/// JSON over HTTP, one request at a time, with a time-out, a rate limit, a bounded response, and retries with exponential back-off and
/// jitter (or after the time that Retry-After states). Redirects are not followed: the secret header goes only to the given address.
/// </summary>
internal sealed class EndpointClient : IDisposable
{
    private const long MaxResponse = 64L << 20;
    private const int ShownLength = 200;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a pending answer is awaited after an interruption, since its images would be asked about, and paid for, again.
    /// </summary>
    private static readonly TimeSpan LastAnswer = TimeSpan.FromSeconds(5);

    private readonly EndpointOptions options;
    private readonly SecretHeader? secret;
    private readonly HttpClient http;
    private readonly ResiliencePipeline<HttpResponseMessage> pipeline;
    private readonly TimeProvider time = TimeProvider.System;
    private long? lastRequest;

    /// <summary>A client that can send at once.</summary>
    /// <exception cref="IsotopeException">An option is out of range, or the header's variable is missing or unusable.</exception>
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

    /// <summary>Sends a request and reads the answer: GET without a body, POST with one.</summary>
    /// <exception cref="IsotopeException">The server can't be reached, refuses, or does not answer with JSON.</exception>
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
            var found = $"none in {options.Retries + 1} attempts (see --timeout)";
            throw new IsotopeException($"{url}: expected an answer within {options.Timeout.TotalSeconds} s, found {found}", e);
        }
        catch (HttpRequestException e)
        {
            var cause = e.InnerException is { } inner ? $" ({inner.Message})" : "";
            throw new IsotopeException($"{url}: expected a server that answers, found: {Censored(e.Message + cause)}", e);
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
        // In a loop, since waiting counts whole milliseconds and may end early.
        while (UntilTurn() is { Ticks: > 0 } wait && !cancellation.IsCancellationRequested)
            cancellation.WaitHandle.WaitOne(wait + TimeSpan.FromMilliseconds(1));
        cancellation.ThrowIfCancellationRequested();
        lastRequest = time.GetTimestamp();
    }

    private TimeSpan UntilTurn() =>
        options.RateLimit is { } rate && lastRequest is { } last
            ? TimeSpan.FromSeconds(1 / rate) - time.GetElapsedTime(last)
            : TimeSpan.Zero;

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
    /// Time-outs, broken connections, "too many requests" and the server's own errors, unless the server asks to wait for too long.
    /// </summary>
    private bool IsTransient(Outcome<HttpResponseMessage> outcome) =>
        outcome switch
        {
            { Result: { } response } => IsTransient(response.StatusCode) && !(RetryAfter(response) > LongestWait),
            { Exception: HttpRequestException e } => IsTransient(e.HttpRequestError),
            { Exception: TaskCanceledException e } => IsTimeout(e),
            _ => false,
        };

    private static bool IsTransient(HttpStatusCode status) => status == HttpStatusCode.TooManyRequests || (int)status >= 500;

    private static bool IsTransient(HttpRequestError error) =>
        error is HttpRequestError.ConnectionError or HttpRequestError.ResponseEnded or HttpRequestError.Unknown;

    private static bool IsTimeout(TaskCanceledException e) => e.InnerException is TimeoutException;

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        if (header?.Date is not { } date)
            return header?.Delta;
        var wait = date - time.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private string RetryAfterText(HttpResponseMessage response) =>
        RetryAfter(response) is { } wait ? $", to be asked again after {wait:d\\.hh\\:mm\\:ss}" : "";

    /// <summary>The beginning of a response, as one line of printable characters.</summary>
    private string Shown(byte[] bytes)
    {
        // Enough bytes that a secret within the characters shown is whole, since half a secret is not found.
        var length = Math.Min(bytes.Length, (4 * ShownLength) + (secret?.Bytes ?? 0));
        var text = Start(Encoding.UTF8.GetString(bytes.AsSpan(0, length)));
        return text.Length == 0 ? "" : $": {text}";
    }

    private string Start(string text) => Printable.Start(Censored(text), ShownLength);

    private string Censored(string text) => secret?.Censor(text) ?? text;
}
