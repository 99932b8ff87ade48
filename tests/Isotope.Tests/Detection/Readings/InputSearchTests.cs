using Isotope.Datasets;
using Isotope.Detection.Readings;
using Isotope.Networks;
using Isotope.Tests.Detection.Classes;

namespace Isotope.Tests.Detection.Readings;

/// <summary>Whether a network is given images as it was trained: a misread model seems innocent.</summary>
public sealed class InputSearchTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dataset images;

    public InputSearchTests() => images = ColouredImages.Write(folder.File("images"), classes: 4, perClass: 12);

    [Theory]
    [InlineData("norm=imagenet")]
    [InlineData("norm=0..255")]
    [InlineData("norm=imagenet channels=bgr")]
    public void Run_NetworkGivenImagesAsTrained_FindsNothingBetter(string words)
    {
        using var network = Knowing(words, given: words);
        var search = InputSearch.Run(network, images);
        Assert.False(search.IsMisread);
        Assert.False(search.Given.Reading.IsNearChance);
        Assert.True(search.Given.Reading.Accuracy > 0.9, $"{search.Given.Reading}");
    }

    [Theory]
    [InlineData("norm=0..255", "norm=imagenet")]
    [InlineData("norm=imagenet", "norm=0..255")]
    [InlineData("norm=imagenet channels=bgr", "norm=imagenet")]
    [InlineData("norm=caffe channels=bgr", "norm=half")]
    public void Run_NetworkGivenImagesInAnotherWay_NamesAWayThatIsBetter(string trained, string given)
    {
        using var network = Knowing(trained, given);
        var search = InputSearch.Run(network, images);
        Assert.True(search.IsMisread, $"{search.Given.Reading}, best {search.Best.Reading}");
        Assert.True(search.Best.Reading.Accuracy > 0.9, $"{search.Best}");
        Assert.Equal(given, $"{network.Input}".Split(' ').Where(given.Contains).Aggregate((a, b) => $"{a} {b}"));
    }

    [Fact]
    public void Read_ClassesInAnotherOrder_AreMatched()
    {
        using var network = Knowing("norm=imagenet", "norm=imagenet", 2, 0, 3, 1);
        var sample = LabelledSample.Of(images, 48, TestContext.Current.CancellationToken);
        var reading = Outputs.Read(network, sample, TestContext.Current.CancellationToken).Reading;
        Assert.True(reading.Accuracy < 0.3 && reading.MatchedAccuracy > 0.9, $"{reading}");
        var votes = Outputs.Votes(network, sample, TestContext.Current.CancellationToken);
        Assert.Equal([2, 0, 3, 1], votes.Select(row => row.Index().MaxBy(vote => vote.Item).Index));
    }

    [Fact]
    public void Require_NetworkThatKnowsNothing_IsRefusedUnlessAnyway()
    {
        var strangers = Fixtures.WriteFolder(folder.File("strangers"), classes: 4, perClass: 30);
        using var network = Fixtures.RandomNetwork(classes: 4);
        var error = Assert.Throws<IsotopeException>(() => new ReadingCheck().Require("tested-network", network, strangers));
        Assert.StartsWith("tested-network: expected a network that ", error.Message);
        Assert.NotNull(new ReadingCheck(Anyway: true).Require("tested-network", network, strangers));
    }

    [Fact]
    public void Require_ImagesWithoutClasses_SaysThatNothingWasChecked()
    {
        List<string> notes = [];
        using var network = Fixtures.RandomNetwork();
        var unlabelled = images with { ClassNames = [] };
        Assert.Null(new ReadingCheck(Notes: new Callback<string>(notes.Add)).Require("tested-network", network, unlabelled));
        Assert.Contains("not checked", Assert.Single(notes));
    }

    [Fact]
    public void Of_ManyClasses_TakesSomeOfThemInTurn()
    {
        var sample = LabelledSample.Of(images, 10, TestContext.Current.CancellationToken);
        Assert.Equal([0, 1, 2, 3, 0, 1, 2, 3], sample.Labels.Take(8));
        Assert.Equal(16, sample.Count);
        Assert.Equal(16, sample.Side);
    }

    public void Dispose() => folder.Dispose();

    private Network Knowing(string trained, string given, params int[] order)
    {
        var file = folder.File("knowing.safetensors");
        using (var network = ColouredImages.Fitted(images, 4, label => order.Length == 0 ? label : order[label], takes: trained))
        {
            network.TakeInput(new InputSpec { Size = 16 });
            network.Save(file);
        }

        return Network.Load(file, overrides: InputOverride.Parse(given));
    }
}
