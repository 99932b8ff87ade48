using System.Text.Json;
using Isotope.Datasets;

namespace Isotope.Networks.BlackBoxes.Endpoints;

/// <summary>
/// A small protocol for custom services. The request is POST <c>{"images": ["base64 PNG", …]}</c>, with <c>"labels": [n, …]</c> if the loss
/// is wanted. The response is <c>{"predictions": [{"probabilities": […]} | {"top": [n, …]} | {"label": n} | {"loss": x}, …]}</c>, one
/// prediction per image in the same order. Labels are class indices.
/// </summary>
internal sealed class JsonForm(Uri url, bool sendLabels) : EndpointProtocol
{
    /// <inheritdoc/>
    public override Uri Url => url;

    /// <inheritdoc/>
    protected override void Write(Utf8JsonWriter json, ImageBatch batch)
    {
        json.WriteStartObject();
        json.WriteStartArray("images");
        foreach (var pixels in batch.Pixels)
            json.WriteBase64StringValue(ImageCodec.EncodePng(pixels));
        json.WriteEndArray();
        if (sendLabels)
            WriteLabels(json, batch.Images);
        json.WriteEndObject();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Answer> Read(JsonElement response, int images, int classes)
    {
        if (Property(response, "predictions") is not { ValueKind: JsonValueKind.Array } predictions)
            throw Expected("an array \"predictions\"", "none");
        if (predictions.GetArrayLength() != images)
            throw Expected($"{images} predictions", $"{predictions.GetArrayLength()}");
        return [.. predictions.EnumerateArray().Select((prediction, i) => ReadOne(prediction, $"{url} prediction {i}", classes))];
    }

    private static void WriteLabels(Utf8JsonWriter json, IReadOnlyList<LabelledImage> images)
    {
        json.WriteStartArray("labels");
        foreach (var image in images)
            json.WriteNumberValue(image.Label);
        json.WriteEndArray();
    }

    private Answer ReadOne(JsonElement prediction, string where, int classes)
    {
        if (Property(prediction, "probabilities") is { } probabilities)
        {
            var values = Numbers(probabilities, classes);
            if (values.Length != classes)
                throw Expected($"{classes} probabilities", $"{values.Length}");
            return CheckedAnswer.OfProbabilities(where, values);
        }

        if (Property(prediction, "loss") is { ValueKind: JsonValueKind.Number } loss)
            return CheckedAnswer.OfLoss(where, loss.GetDouble());
        if (Property(prediction, "top") is { } top)
            return CheckedAnswer.OfLabels(where, Numbers(top, classes), classes);
        if (Property(prediction, "label") is { ValueKind: JsonValueKind.Number } label)
            return CheckedAnswer.OfLabels(where, [label.GetDouble()], classes);
        throw Expected("predictions with \"probabilities\", \"loss\", \"top\" or \"label\"", "something else");
    }
}
