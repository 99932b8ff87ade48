using Isotope.Runs;

namespace Isotope.Networks.BlackBoxes.Endpoints;

/// <summary>The address of a model behind HTTP, and how to ask it.</summary>
public sealed record EndpointOptions
{
    /// <summary>Address of the server for the Open Inference Protocol, or of the service itself for the JSON form.</summary>
    public required Uri Url { get; init; }

    /// <summary>Name of the model for the Open Inference Protocol. Default: none, which means the JSON form.</summary>
    public string? Model { get; init; }

    /// <summary>
    /// Environment variable with a header line such as <c>Authorization: Bearer …</c>, which is never written anywhere. Default: none.
    /// </summary>
    public string? HeaderVariable { get; init; }

    /// <summary>Images per request. Default 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Time limit of one request. Default 60 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Further attempts after a time-out, a broken connection, or status 429 or 5xx. Default 5.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>
    /// Delay before the first retry, if the server does not state one; doubled for each further retry, with jitter. Default 1 s.
    /// </summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Most requests per second, retries included. Default: no limit.</summary>
    public double? RateLimit { get; init; }

    /// <summary>Input size and normalisation that the model's metadata do not state (Open Inference Protocol).</summary>
    public InputOverride Input { get; init; } = new();

    /// <summary>Checks ranges.</summary>
    /// <exception cref="IsotopeException">An option is out of range.</exception>
    public void Validate()
    {
        if (!Url.IsAbsoluteUri || Url.Scheme is not ("http" or "https") || Url.UserInfo.Length > 0)
            throw new IsotopeException(
                "--endpoint: expected an address http://… or https://… without a user's name in it (see --header-env)"
            );
        OptionCheck.Require(BatchSize is >= 1 and <= 4096, "--query-batch", "1 to 4096 images", BatchSize);
        OptionCheck.Require(
            Timeout > TimeSpan.Zero && Timeout <= TimeSpan.FromDays(1),
            "--timeout",
            "more than 0 seconds, at most a day",
            Timeout.TotalSeconds
        );
        OptionCheck.Require(Retries is >= 0 and <= 100, "--retries", "0 to 100", Retries);
        OptionCheck.Require(RateLimit is null or (>= 0.001 and <= 1e6), "--rate-limit", "0.001 to 1000000 requests per second", RateLimit);
        Input.Validate();
    }
}
