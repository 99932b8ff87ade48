using Isotope.Detection;
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
    public void ReferencesFor_Default_IsTheMarkingNetworkWhereItHasAsManyClasses()
    {
        Assert.Equal([marking], new WhiteBoxOptions().ReferencesFor(marking, sameClasses));
        Assert.Empty(new WhiteBoxOptions().ReferencesFor(marking, otherClasses));
    }

    [Fact]
    public void ReferencesFor_ReferencesOfTheOwner_TakesThem() =>
        Assert.Equal([otherClasses], new WhiteBoxOptions { References = [otherClasses] }.ReferencesFor(marking, sameClasses));

    [Fact]
    public void ReferencesFor_PaperStatistic_TakesNone() =>
        Assert.Empty(
            new WhiteBoxOptions { Statistic = WhiteBoxStatistic.Paper, References = [otherClasses] }.ReferencesFor(marking, sameClasses)
        );

    [Fact]
    public void ReferencesFor_ResponseWithoutAnyReference_IsRefused() =>
        Assert.Equal(
            "--statistic response: expected --reference-network, a model of your own trained on vanilla images, since the marking "
                + "network has 3 classes and the suspect model 4; found none",
            Assert
                .Throws<IsotopeException>(() =>
                    new WhiteBoxOptions { Statistic = WhiteBoxStatistic.Response }.ReferencesFor(marking, otherClasses)
                )
                .Message
        );

    [Fact]
    public void ReferencesFor_SuspectThatIsTheMarkingNetwork_IsNotComparedWithItself()
    {
        using var one = Fixtures.LoadedNetwork(folder);
        using var again = Fixtures.LoadedNetwork(folder);
        using var another = Fixtures.LoadedNetwork(folder, seed: 2);
        Assert.Empty(new WhiteBoxOptions().ReferencesFor(one, again));
        Assert.Equal([one], new WhiteBoxOptions().ReferencesFor(one, another));
        Assert.Equal([marking], new WhiteBoxOptions { Statistic = WhiteBoxStatistic.Response }.ReferencesFor(marking, sameClasses));
    }

    public void Dispose()
    {
        marking.Dispose();
        sameClasses.Dispose();
        otherClasses.Dispose();
        folder.Dispose();
    }
}
