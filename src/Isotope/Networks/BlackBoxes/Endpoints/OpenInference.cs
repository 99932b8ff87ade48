using System.Text;
using System.Text.Json;
using Isotope.Datasets;
using Isotope.Files;

namespace Isotope.Networks.BlackBoxes.Endpoints;

/// <summary>
/// The Open Inference Protocol v2 with JSON tensors, as KServe, Triton and TorchServe speak it. The model's metadata describe its input.
/// The output has scores, which are probabilities if all lie in 0…1 and logits otherwise, or labels, which are whole numbers.
/// </summary>
internal sealed class OpenInference : EndpointProtocol
{
    private readonly TensorInput input;

    private OpenInference(Uri url, TensorInput input, string metadataSha256)
    {
        Url = url;
        this.input = input;
        MetadataSha256 = metadataSha256;
    }

    /// <inheritdoc/>
    public override Uri Url { get; }

    /// <inheritdoc/>
    public override string? MetadataSha256 { get; }

    /// <inheritdoc/>
    public override InputSpec Input => input.Views;

    /// <inheritdoc/>
    public override int MaxBatch => input.Batch ?? int.MaxValue;

    /// <summary>Reads the metadata of a model.</summary>
    /// <exception cref="IsotopeException">The server does not answer, or the model does not take images.</exception>
    public static OpenInference Open(EndpointClient client, EndpointOptions options, CancellationToken cancellation)
    {
        var model = new Uri($"{options.Url.GetLeftPart(UriPartial.Path).TrimEnd('/')}/v2/models/{Uri.EscapeDataString(options.Model!)}");
        using var metadata = client.Send(model, body: null, cancellation);
        return new OpenInference(
            new Uri($"{model}/infer"),
            ModelMetadata.ReadInput(metadata.RootElement, model, options.Input),
            Hashes.OfBytes(Encoding.UTF8.GetBytes(metadata.RootElement.GetRawText()))
        );
    }

    /// <inheritdoc/>
    protected override void Write(Utf8JsonWriter json, ImageBatch batch)
    {
        json.WriteStartObject();
        json.WriteStartArray("inputs");
        input.Write(json, batch.Pixels);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Answer> Read(JsonElement response, int images, int classes)
    {
        if (Property(response, "outputs") is not { ValueKind: JsonValueKind.Array } outputs || outputs.GetArrayLength() == 0)
            throw Expected("outputs", "none");
        var areLabels = IsWhole(Property(outputs[0], "datatype"));
        var perImage = areLabels ? 1 : classes;
        var expected = checked((input.Batch ?? images) * perImage);
        var values = Numbers(Property(outputs[0], "data"), expected);
        if (values.Length != expected)
            throw Expected($"{expected / perImage} × {(areLabels ? "1 label" : $"{classes} scores")}", $"{values.Length} numbers");
        values = values[..(images * perImage)];
        if (areLabels)
            return [.. values.Select(label => CheckedAnswer.OfLabels($"{Url}", [label], classes))];
        var scores = values.Chunk(classes);
        if (values.All(value => value is >= 0 and <= 1))
            return [.. scores.Select(ofImage => CheckedAnswer.OfProbabilities($"{Url}", ofImage))];
        return [.. scores.Select(ofImage => CheckedAnswer.OfLogits($"{Url}", ofImage))];
    }

    private static bool IsWhole(JsonElement? datatype) =>
        datatype is { ValueKind: JsonValueKind.String } name
        && name.GetString()!.TrimStart('U').StartsWith("INT", StringComparison.Ordinal);
}
