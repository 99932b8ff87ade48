using System.Text.Json.Nodes;
using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using Microsoft.AspNetCore.Http;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.BlackBoxes.Endpoints;

/// <summary>A network behind both protocols, written from their descriptions without the client's code.</summary>
internal sealed class ServedModel(
    Network network,
    string datatype = "FP32",
    bool channelsLast = false,
    string gives = "probabilities",
    int? batch = null
)
{
    private int images;

    /// <summary>Images answered so far.</summary>
    public int Images => images;

    /// <summary>Answers a request of either protocol.</summary>
    public async Task Handle(HttpContext context)
    {
        if (context.Request.Method == "GET")
        {
            await context.Response.WriteAsync(Metadata());
            return;
        }

        var request = (await JsonNode.ParseAsync(context.Request.Body))!;
        await context.Response.WriteAsync(
            request["images"] is { } encoded ? JsonForm(encoded.AsArray(), request["labels"]) : OpenInference(request["inputs"]![0]!)
        );
    }

    private string Metadata()
    {
        var size = network.Input.Size;
        var shape = channelsLast ? $"{batch ?? -1}, {size}, {size}, 3" : $"{batch ?? -1}, 3, {size}, {size}";
        return $$"""{"name": "suspect", "inputs": [{"name": "pixels", "datatype": "{{datatype}}", "shape": [{{shape}}]}], "outputs": []}""";
    }

    private string JsonForm(JsonArray encoded, JsonNode? labels)
    {
        var decoded = encoded.Select(image => ImageCodec.Decode("request", Convert.FromBase64String(image!.ToString()))).ToArray();
        var rows = Probabilities(network.CentreViews(Views.ToTensors(decoded, CPU)));
        var predictions = rows.Select(
            (row, i) =>
                gives switch
                {
                    "loss" => new JsonObject { ["loss"] = -Math.Log(row[(int)labels![i]!]) },
                    "top" => new JsonObject { ["top"] = new JsonArray([.. Order(row).Take(2).Select(label => (JsonNode)label)]) },
                    "label" => new JsonObject { ["label"] = Order(row)[0] },
                    _ => new JsonObject { ["probabilities"] = Numbers(row) },
                }
        );
        return new JsonObject { ["predictions"] = new JsonArray([.. predictions]) }.ToJsonString();
    }

    private string OpenInference(JsonNode input)
    {
        Assert.Equal(("pixels", datatype), (input["name"]!.ToString(), input["datatype"]!.ToString()));
        Assert.True(batch is null || batch == (int)input["shape"]![0]!);
        using var scope = NewDisposeScope();
        var values = tensor(
            input["data"]!.AsArray().Select(value => (float)value!).ToArray(),
            input["shape"]!.AsArray().Select(length => (long)length!).ToArray()
        );
        var tensors = channelsLast ? values.permute(0, 3, 1, 2) : values;
        var greyLevels =
            datatype == "FP32" ? (tensors * Channels(network.Input.Std)).Plus(Channels(network.Input.Mean)).Times(255) : tensors;
        var rows = Probabilities(greyLevels.contiguous());
        var output =
            gives == "label"
                ? new JsonObject
                {
                    ["name"] = "label",
                    ["datatype"] = "INT64",
                    ["shape"] = new JsonArray(rows.Length),
                    ["data"] = new JsonArray([.. rows.Select(row => (JsonNode)Order(row)[0])]),
                }
                : new JsonObject
                {
                    ["name"] = "scores",
                    ["datatype"] = "FP32",
                    ["shape"] = new JsonArray(rows.Length, rows[0].Length),
                    ["data"] = Numbers([.. rows.SelectMany(Scores)]),
                };
        return new JsonObject { ["model_name"] = "suspect", ["outputs"] = new JsonArray(output) }.ToJsonString();
    }

    private IEnumerable<double> Scores(double[] row) => gives == "logits" ? row.Select(value => Math.Log(value) + 3) : row;

    private double[][] Probabilities(Tensor views)
    {
        using var noGradient = no_grad();
        Interlocked.Add(ref images, (int)views.shape[0]);
        return [.. nn.functional.softmax(network.Logits(views).to(float64), dim: 1).unbind().Select(row => row.data<double>().ToArray())];
    }

    private static Tensor Channels(IReadOnlyList<double> values) => tensor(values.Select(value => (float)value).ToArray(), [1, 3, 1, 1]);

    private static int[] Order(double[] row) => [.. Enumerable.Range(0, row.Length).OrderByDescending(i => row[i])];

    private static JsonArray Numbers(double[] values) => new([.. values.Select(value => (JsonNode)value)]);
}
