using System.Text.Json.Nodes;
using Isotope.Datasets;
using Isotope.Runs;

namespace Isotope.Networks.BlackBoxes.Endpoints;

/// <summary>A model behind HTTP, asked by the Open Inference Protocol v2 or by <see cref="JsonForm"/>.</summary>
internal sealed class EndpointBlackBox : BlackBox
{
    private readonly EndpointOptions options;
    private readonly Access access;
    private readonly EndpointClient client;
    private readonly EndpointProtocol protocol;

    private EndpointBlackBox(int classes, EndpointOptions options, Access access, EndpointClient client, EndpointProtocol protocol)
        : base(classes, access.Kind)
    {
        this.options = options;
        this.access = access;
        this.client = client;
        this.protocol = protocol;
    }

    /// <summary>Images per request.</summary>
    public int BatchSize => Math.Min(options.BatchSize, protocol.MaxBatch);

    /// <summary>Everything that decides the answers: address, protocol, the server's metadata of the model, access and input.</summary>
    public JsonObject Settings
    {
        get
        {
            var settings = new JsonObject
            {
                ["endpoint"] = protocol.Url.ToString(),
                ["protocol"] = options.Model is null ? "json" : "oip",
                ["metadataSha256"] = protocol.MetadataSha256,
                ["classes"] = Classes,
                ["access"] = access.ToString(),
                ["size"] = options.Input.Size,
                ["mean"] = ToJson(options.Input.Mean),
                ["std"] = ToJson(options.Input.Std),
            };
            // Only where stated, so that journals of earlier versions go on.
            if (options.Input.CentreRatio is { } crop)
                settings["crop"] = crop;
            if (options.Input.Channels is { } channels)
                settings["channels"] = channels.ToString().ToLowerInvariant();
            return settings;
        }
    }

    /// <summary>How the model is given images; null where they are sent as files.</summary>
    public InputSpec? Input => protocol.Input;

    /// <summary>Opens an endpoint; for the Open Inference Protocol, this reads the model's metadata.</summary>
    /// <param name="classes">Number of classes.</param>
    /// <param name="options">Its address, and how to ask.</param>
    /// <param name="access">How much of its output to use; it must return at least that.</param>
    /// <param name="cancellation">Checked while waiting.</param>
    /// <exception cref="IsotopeException">An option is out of range, or the endpoint does not answer.</exception>
    public static EndpointBlackBox Open(int classes, EndpointOptions options, Access access, CancellationToken cancellation = default)
    {
        var client = new EndpointClient(options);
        try
        {
            EndpointProtocol protocol = options.Model is null
                ? new JsonForm(options.Url, access.Kind == OutputKind.Loss)
                : OpenInference.Open(client, options, cancellation);
            return new EndpointBlackBox(classes, options, access, client, protocol);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Answer> Ask(
        IReadOnlyList<LabelledImage> images,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var answers = new List<Answer>(images.Count);
        foreach (var batch in ImageLoader.Batches(images, BatchSize, cancellation))
        {
            using var response = client.Send(protocol.Url, protocol.Request(batch), cancellation);
            var given = protocol.Read(response.RootElement, batch.Images.Count, Classes);
            answers.AddRange(given.Zip(batch.Images, (answer, image) => access.Of(answer, image.Label, $"{protocol.Url}")));
            Queries += batch.Images.Count;
            progress?.Report(new StageProgress("asking", answers.Count, images.Count));
        }

        return answers;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        client.Dispose();
        base.Dispose(disposing);
    }

    private static JsonArray? ToJson(IReadOnlyList<double>? values) =>
        values is null ? null : new JsonArray([.. values.Select(value => (JsonNode)value)]);
}
