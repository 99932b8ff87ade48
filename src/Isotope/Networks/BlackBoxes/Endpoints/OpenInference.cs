using System.Text.Json;
using Isotope.Datasets;

namespace Isotope.Networks.BlackBoxes.Endpoints;

/// <summary>
/// The Open Inference Protocol v2 with JSON tensors, as KServe, Triton and TorchServe speak it. The model's metadata name its input; scores come back as
/// probabilities or logits (told apart by whether all lie in 0…1), or as whole-number labels.
/// </summary>
internal sealed class OpenInference : EndpointProtocol
{
    private readonly TensorInput input;

    private OpenInference(Uri url, TensorInput input, string description) => (Url, this.input, Description) = (url, input, description);

    /// <inheritdoc/>
    public override Uri Url { get; }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <inheritdoc/>
    public override int MaxBatch => input.MaxBatch;

    /// <summary>Reads the metadata of a model.</summary>
    /// <exception cref="IsotopeException">The server does not answer, or the model takes something else than images.</exception>
    public static OpenInference Open(EndpointClient client, EndpointOptions options, CancellationToken cancellation)
    {
        var model = new Uri($"{options.Url.GetLeftPart(UriPartial.Path).TrimEnd('/')}/v2/models/{Uri.EscapeDataString(options.Model!)}");
        using var metadata = client.Send(model, body: null, cancellation);
        return new OpenInference(new Uri($"{model}/infer"), ModelMetadata.ReadInput(metadata.RootElement, model, options.Input), metadata.RootElement.GetRawText());
    }

    /// <inheritdoc/>
    public override byte[] Request(ImageBatch batch)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartArray("inputs");
            input.Write(json, batch.Pixels);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Answer> Read(JsonElement response, int images, int classes)
    {
        if (Property(response, "outputs") is not { ValueKind: JsonValueKind.Array } outputs || outputs.GetArrayLength() == 0) throw Expected("outputs", "none");
        var output = outputs[0];
        var whole = Property(output, "datatype") is { ValueKind: JsonValueKind.String } type && (type.GetString()!.StartsWith("INT", StringComparison.Ordinal) || type.GetString()!.StartsWith("UINT", StringComparison.Ordinal));
        var values = Numbers(Property(output, "data"), images * (whole ? 1 : classes));
        if (values.Length != images * (whole ? 1 : classes)) throw Expected(whole ? $"{images} labels" : $"{images} × {classes} scores", $"{values.Length} numbers");
        if (whole) return [.. values.Select(label => CheckedAnswer.OfLabels($"{Url}", [label], classes))];
        var areProbabilities = values.All(value => value is >= 0 and <= 1);
        return [.. values.Chunk(classes).Select(scores => areProbabilities ? CheckedAnswer.OfProbabilities($"{Url}", scores) : CheckedAnswer.OfLogits($"{Url}", scores))];
    }
}
