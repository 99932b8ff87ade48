using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Networks.BlackBoxes.Endpoints;

namespace Isotope.Tests.Networks.BlackBoxes.Endpoints;

/// <summary>Endpoints answer as the network behind them does, in both protocols and all their variants.</summary>
public sealed class EndpointBlackBoxTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Network network = Fixtures.RandomNetwork();
    private readonly Dataset dataset;

    public EndpointBlackBoxTests() => dataset = Fixtures.WriteFolder(folder.File("data"), size: 20);

    [Theory]
    [InlineData("probabilities", "probabilities")]
    [InlineData("probabilities", "topk:2")]
    [InlineData("probabilities", "label")]
    [InlineData("loss", "loss")]
    [InlineData("top", "topk:2")]
    [InlineData("top", "label")]
    [InlineData("label", "label")]
    public void Ask_JsonForm_AnswersAsTheNetwork(string gives, string access) =>
        AssertSame(new ServedModel(network, gives: gives), model: null, access);

    [Theory]
    [InlineData("FP32", false, "probabilities", "probabilities")]
    [InlineData("FP32", true, "logits", "probabilities")]
    [InlineData("UINT8", false, "logits", "loss")]
    [InlineData("UINT8", true, "probabilities", "topk:2")]
    [InlineData("FP32", false, "label", "label")]
    public void Ask_OpenInference_AnswersAsTheNetwork(string datatype, bool channelsLast, string gives, string access) =>
        AssertSame(new ServedModel(network, datatype, channelsLast, gives), "suspect", access);

    [Theory]
    [InlineData(4, "probabilities")]
    [InlineData(7, "label")]
    public void Ask_OpenInferenceOfAFixedBatch_FillsItUp(int batch, string gives) =>
        AssertSame(new ServedModel(network, gives: gives, batch: batch), "suspect", gives);

    [Theory]
    [InlineData("""{"inputs": []}""", "one input")]
    [InlineData("""{"inputs": [{"name": "x", "datatype": "BYTES", "shape": [-1]}]}""", "FP32 or UINT8, found BYTES")]
    [InlineData(
        """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 784]}]}""",
        "N × 3 × S × S or N × S × S × 3, found -1 × 784"
    )]
    [InlineData("""{"inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 3, -1, -1]}]}""", "--tested-input size=32")]
    [InlineData("""{"inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 3, 9999999, 9999999]}]}""", "at most 1024 pixels")]
    [InlineData(
        """{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1024, 3, 512, 512]}]}""",
        "at most 64 million pixels, found 1024 images of 512 × 512"
    )]
    [InlineData("""{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1025, 3, 32, 32]}]}""", "at most 1024 images, found 1025")]
    [InlineData("""{"inputs": 3}""", "metadata")]
    [InlineData("[]", "metadata")]
    public void Open_ModelOfSomethingElse_IsRefused(string metadata, string named)
    {
        using var server = new TestServer(async context =>
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, metadata)
        );
        var options = new EndpointOptions { Url = server.Url, Model = "suspect" };
        Assert.Contains(
            named,
            Assert.Throws<IsotopeException>(() => EndpointBlackBox.Open(3, options, new(OutputKind.Probabilities))).Message
        );
    }

    [Theory]
    [InlineData("""{"outputs": [{"datatype": "\ud800", "data": [1]}]}""")]
    [InlineData("""{"outputs": [{"\ud800": 1}]}""")]
    public void Ask_ResponseWithALoneSurrogate_IsRefused(string response)
    {
        var served = new ServedModel(network);
        using var server = new TestServer(context =>
            context.Request.Method == "GET"
                ? served.Handle(context)
                : Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, response)
        );
        using var endpoint = EndpointBlackBox.Open(
            3,
            new EndpointOptions { Url = server.Url, Model = "suspect" },
            new(OutputKind.Probabilities)
        );
        Assert.Contains("expected JSON", Assert.Throws<IsotopeException>(() => endpoint.Ask(dataset.Images)).Message);
    }

    public void Dispose()
    {
        network.Dispose();
        folder.Dispose();
    }

    private void AssertSame(ServedModel served, string? model, string access)
    {
        using var server = new TestServer(served.Handle);
        var options = new EndpointOptions
        {
            Url = server.Url,
            Model = model,
            BatchSize = 5,
            Input = new InputOverride { Size = network.Input.Size },
        };
        using var endpoint = EndpointBlackBox.Open(3, options, Access.Parse(access));
        var expected = new LocalBlackBox(network, Access.Parse(access)).Ask(dataset.Images);
        var found = endpoint.Ask(dataset.Images);

        Assert.Equal((dataset.Images.Count, (long)dataset.Images.Count), (found.Count, endpoint.Queries));
        Assert.Equal(3, server.Requests.Count(request => request.StartsWith("POST", StringComparison.Ordinal)));
        foreach (var (a, b) in expected.Zip(found))
        {
            Assert.Equal(a.TopLabels, b.TopLabels);
            Assert.Equal(a.Loss ?? -1, b.Loss ?? -1, 0.02);
            Assert.Equal(a.Probabilities ?? [], b.Probabilities ?? [], (x, y) => Math.Abs(x - y) < 2e-3);
        }
    }
}
