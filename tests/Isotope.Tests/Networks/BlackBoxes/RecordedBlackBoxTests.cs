using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Networks.BlackBoxes.Endpoints;
using Isotope.Tests.Networks.BlackBoxes.Endpoints;

namespace Isotope.Tests.Networks.BlackBoxes;

public sealed class RecordedBlackBoxTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Network network = Fixtures.RandomNetwork();
    private readonly Dataset dataset;

    public RecordedBlackBoxTests() => dataset = Fixtures.WriteFolder(folder.File("data"));

    [Fact]
    public void Ask_AfterABrokenRun_AsksAboutNoImageTwice()
    {
        var served = new ServedModel(network);
        var requests = 0;
        using var server = new TestServer(context => Interlocked.Increment(ref requests) == 3 ? Break(context) : served.Handle(context));
        using (var broken = Open(server))
        {
            Assert.Throws<IsotopeException>(() => broken.Ask(dataset.Images));
            Assert.Equal(8, broken.Queries);
        }

        // A kill may leave half a line.
        File.AppendAllText(folder.File("answers"), "{\"image\": \"ab");
        using var resumed = Open(server);
        var answers = resumed.Ask(dataset.Images);
        Assert.Equal((4, 12), (resumed.Queries, served.Images));
        Assert.Equal(answers, resumed.Ask(dataset.Images));
        Assert.Equal(12, served.Images);
        var expected = new LocalBlackBox(network, new(OutputKind.Probabilities)).Ask(dataset.Images);
        Assert.All(
            expected.Zip(answers),
            pair => Assert.Equal(pair.First.Probabilities!, pair.Second.Probabilities!, (x, y) => Math.Abs(x - y) < 1e-5)
        );
    }

    [Fact]
    public void Ask_Cancelled_KeepsWhatWasAnswered()
    {
        var served = new ServedModel(network);
        using var server = new TestServer(served.Handle);
        using var cancellation = new CancellationTokenSource();
        using (var broken = Open(server))
            Assert.ThrowsAny<OperationCanceledException>(() =>
                broken.Ask(dataset.Images, new Callback(_ => cancellation.Cancel()), cancellation.Token)
            );
        using var resumed = Open(server);
        resumed.Ask(dataset.Images);
        Assert.Equal((8, 12), (resumed.Queries, served.Images));
    }

    [Fact]
    public void Ask_BeyondTheBudget_IsRefusedBeforeAsking()
    {
        var served = new ServedModel(network);
        using var server = new TestServer(served.Handle);
        using (var first = Open(server, budget: 5))
            first.Ask([.. dataset.Images.Take(5)]);
        using var second = Open(server, budget: 11);
        var message = Assert.Throws<IsotopeException>(() => second.Ask(dataset.Images)).Message;
        Assert.Contains("budget: expected at least 12 (5 images answered already, 7 more to ask about), found 11", message);
        Assert.Equal(5, served.Images);
        second.Ask([.. dataset.Images.Take(11)]);
        Assert.Equal(11, served.Images);
    }

    [Fact]
    public void Ask_TheSamePictureTwice_IsOneQuery()
    {
        var served = new ServedModel(network);
        using var server = new TestServer(served.Handle);
        using var box = Open(server);
        var answers = box.Ask([dataset.Images[0], dataset.Images[0] with { Id = "copy" }]);
        Assert.Equal((2, 1L, 1), (answers.Count, box.Queries, served.Images));
    }

    [Fact]
    public void Open_JournalOfOtherSettings_IsRefused()
    {
        using var server = new TestServer(new ServedModel(network).Handle);
        Open(server).Dispose();
        Assert.Contains(
            "access = \"a label\" instead of \"probabilities\"",
            Assert.Throws<IsotopeException>(() => Open(server, access: "label")).Message
        );
        Open(server).Dispose();
    }

    [Theory]
    [InlineData("""{"probabilities":[7,-3,-3]}""", "probabilities of 0 to 1")]
    [InlineData("""{"probabilities":[1]}""", "probabilities of 3 classes, found 1")]
    [InlineData("{}", "a loss, finite")]
    public void Open_UnusableAnswers_AreRefused(string answer, string named)
    {
        File.WriteAllText(folder.File("j"), $"{{\"a\":1}}\n{{\"image\":\"x\",\"answer\":{answer}}}\n");
        using var model = new LocalBlackBox(Fixtures.RandomNetwork(), new(OutputKind.Probabilities));
        Assert.Contains(
            named,
            Assert.Throws<IsotopeException>(() => RecordedBlackBox.Open(model, folder.File("j"), new() { ["a"] = 1 }, 4)).Message
        );
    }

    [Fact]
    public void Open_WhileAnotherRunHasTheJournal_IsRefusedByItsName()
    {
        using var server = new TestServer(new ServedModel(network).Handle);
        using (Open(server))
            Assert.StartsWith(
                $"{folder.File("answers")}: expected no other run that writes it, found process",
                Assert.Throws<IsotopeException>(() => Open(server)).Message
            );
        Open(server).Dispose();
    }

    public void Dispose()
    {
        network.Dispose();
        folder.Dispose();
    }

    private RecordedBlackBox Open(TestServer server, long? budget = null, string access = "probabilities")
    {
        var options = new EndpointOptions
        {
            Url = server.Url,
            BatchSize = 4,
            Retries = 0,
        };
        var endpoint = EndpointBlackBox.Open(3, options, Access.Parse(access));
        return RecordedBlackBox.Open(endpoint, folder.File("answers"), endpoint.Settings, endpoint.BatchSize, budget);
    }

    private static Task Break(Microsoft.AspNetCore.Http.HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }
}
