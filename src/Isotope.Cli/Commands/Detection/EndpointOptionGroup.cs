using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes.Endpoints;

namespace Isotope.Cli.Commands.Detection;

/// <summary>Options for a model that is asked over HTTP.</summary>
internal sealed class EndpointOptionGroup : OptionGroup
{
    private static readonly EndpointOptions Defaults = new() { Url = new Uri("http://localhost") };

    private readonly Option<string?> model = new("--model")
    {
        Description = "Its name at an --endpoint that speaks the Open Inference Protocol v2, as KServe, Triton and TorchServe do",
        HelpName = "NAME",
    };

    private readonly Option<string?> header = new("--header-env")
    {
        Description = "Environment variable that holds a header for the endpoint, such as 'Authorization: Bearer …'",
        HelpName = "VARIABLE",
    };

    private readonly Option<int> batch = new("--query-batch")
    {
        Description = "Images per request",
        DefaultValueFactory = _ => Defaults.BatchSize,
    };

    private readonly Option<double> timeout = new("--timeout")
    {
        Description = "Seconds for one request",
        DefaultValueFactory = _ => Defaults.Timeout.TotalSeconds,
    };

    private readonly Option<int> retries = new("--retries")
    {
        Description = "Further attempts after a time-out, a broken connection, or status 429 or 5xx",
        DefaultValueFactory = _ => Defaults.Retries,
    };

    private readonly Option<double?> rate = new("--rate-limit") { Description = "Most requests per second" };

    public Option<string?> Url { get; } =
        new("--endpoint")
        {
            Description =
                "Suspect model, by its address: takes {\"images\": [base64 PNG, …]}, gives {\"predictions\": [{\"probabilities\": […]}, "
                + "…]} (more in docs/formats.md), or see --model",
            HelpName = "URL",
        };

    /// <summary>All but the address, which stands among the models.</summary>
    public override IReadOnlyList<Option> Options => [model, header, batch, timeout, retries, rate];

    /// <summary>Whether images are sent to it as they are, and not as a model's input.</summary>
    public bool TakesImages(ParseResult parsed) => parsed.GetValue(Url) is not null && parsed.GetValue(model) is null;

    /// <exception cref="IsotopeException">A value is out of range.</exception>
    public EndpointOptions Read(ParseResult parsed, InputOverride? input)
    {
        if (!Uri.TryCreate(parsed.GetValue(Url), UriKind.Absolute, out var url))
            throw new IsotopeException($"--endpoint: expected an address http://…, found '{parsed.GetValue(Url)}'");
        var options = new EndpointOptions
        {
            Url = url,
            Model = parsed.GetValue(model),
            HeaderVariable = parsed.GetValue(header),
            BatchSize = parsed.GetValue(batch),
            Timeout = TimeSpan.FromSeconds(double.IsFinite(parsed.GetValue(timeout)) ? Math.Clamp(parsed.GetValue(timeout), 0, 1e6) : 0),
            Retries = parsed.GetValue(retries),
            RateLimit = parsed.GetValue(rate),
            Input = input ?? new InputOverride(),
        };
        options.Validate();
        return options;
    }
}
