using Isotope.Datasets;
using Isotope.Detection;
using Isotope.Detection.Classes;
using Isotope.Networks;

namespace Isotope.Tests.Detection;

/// <summary>Which references the response is compared with, and when the paper's statistic counts instead.</summary>
public sealed class WhiteBoxOptionsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TorchNetwork marking = Fixtures.RandomNetwork(3);
    private readonly TorchNetwork sameClasses = Fixtures.RandomNetwork(3, seed: 2);
    private readonly TorchNetwork otherClasses = Fixtures.RandomNetwork(4, seed: 3);

    [Fact]
    public void ReferencesFor_Default_IsTheMarkingNetworkWhereItTellsTheClasses()
    {
        Assert.Equal([marking], Of(new WhiteBoxOptions(), marking, sameClasses));
        Assert.Equal([marking], Of(new WhiteBoxOptions(), marking, otherClasses));
        Assert.Empty(Of(new WhiteBoxOptions(), otherClasses, marking));
    }

    [Fact]
    public void ReferencesFor_ReferencesOfTheOwner_TakesThem() =>
        Assert.Equal([sameClasses], Of(new WhiteBoxOptions { References = [sameClasses] }, marking, otherClasses));

    [Fact]
    public void ReferencesFor_PaperStatistic_TakesNone() =>
        Assert.Empty(Of(new WhiteBoxOptions { Statistic = WhiteBoxStatistic.Paper, References = [otherClasses] }, marking, sameClasses));

    [Fact]
    public void ReferencesFor_ResponseWithoutAnyReference_IsRefused() =>
        Assert.Equal(
            "--statistic response: expected --reference-network, a model of your own trained on vanilla images, since the marking "
                + "network can't serve (expected at least 4 vanilla images of each class, to find its 4 outputs' classes, found 0; give "
                + "more --images, or --classes MAP); found none",
            Assert
                .Throws<IsotopeException>(() =>
                    Of(new WhiteBoxOptions { Statistic = WhiteBoxStatistic.Response }, otherClasses, sameClasses)
                )
                .Message
        );

    [Fact]
    public void ReferencesFor_SuspectThatIsTheMarkingNetwork_IsNotComparedWithItself()
    {
        using var one = Fixtures.LoadedNetwork(folder);
        using var again = Fixtures.LoadedNetwork(folder);
        using var another = Fixtures.LoadedNetwork(folder, seed: 2);
        Assert.Empty(Of(new WhiteBoxOptions(), one, again));
        Assert.Equal([one], Of(new WhiteBoxOptions(), one, another));
        Assert.Equal([marking], Of(new WhiteBoxOptions { Statistic = WhiteBoxStatistic.Response }, marking, sameClasses));
    }

    private static IEnumerable<Network> Of(WhiteBoxOptions options, Network marking, Network tested)
    {
        var reader = new ClassReader(new Dataset("images", ["ant", "bee", "cat"], []), 3);
        return options.ReferencesFor(marking, tested, reader).Select(read => read.Network);
    }

    public void Dispose()
    {
        marking.Dispose();
        sameClasses.Dispose();
        otherClasses.Dispose();
        folder.Dispose();
    }
}
