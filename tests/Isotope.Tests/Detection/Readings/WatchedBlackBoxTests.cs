using Isotope.Datasets;
using Isotope.Detection.Classes;
using Isotope.Detection.Readings;
using Isotope.Networks.BlackBoxes;
using Isotope.Tests.Detection.BlackBoxes;

namespace Isotope.Tests.Detection.Readings;

/// <summary>Answers that are compared with the images' classes as they come.</summary>
public sealed class WatchedBlackBoxTests
{
    private const int Versions = 2;

    [Theory]
    [InlineData(OutputKind.Probabilities)]
    [InlineData(OutputKind.TopLabels)]
    [InlineData(OutputKind.Loss)]
    public void Ask_ModelThatKnowsNothing_IsRefusedBeforeMoreIsAsked(OutputKind gives)
    {
        using var model = new FakeModel(gives, image => Saying(image.Label % 2 == 0 ? image.Label : (image.Label + 1) % 3, 0.33));
        using var watched = Watch(model, new ReadingCheck());
        var message = Assert.Throws<IsotopeException>(() => watched.Ask(Images(1000))).Message;
        Assert.StartsWith("answers: expected answers that know the classes of the query images; ", message);
        Assert.Equal(ReadingCheck.FewestImages * Versions, model.Queries);

        Answer Saying(int label, double share) =>
            gives switch
            {
                OutputKind.Probabilities => new Answer
                {
                    Probabilities = [.. Enumerable.Range(0, 3).Select(i => i == (label + 1) % 3 ? 0.4 : 0.3)],
                },
                OutputKind.Loss => new Answer { Loss = -Math.Log(share) },
                _ => new Answer { TopLabels = [(label + 1) % 3] },
            };
    }

    [Fact]
    public void Ask_ModelThatKnowsSome_IsHeardWhole()
    {
        List<string> notes = [];
        using var model = new FakeModel(OutputKind.Label, image => new Answer { TopLabels = [image.Id.EndsWith('7') ? 0 : image.Label] });
        using var watched = Watch(model, new ReadingCheck(Notes: new Said(notes)));
        Assert.Equal(150, watched.Ask(Images(150)).Count);
        Assert.Empty(notes);
        var answers = watched.Ask(Images(450));
        Assert.Equal(model.Ask(Images(450)).Select(answer => answer.TopLabels![0]), answers.Select(answer => answer.TopLabels![0]));
        Assert.Equal("answers: 3 outputs; 93.0 % of 100 query images recognised (a guess: 33.3 %)", Assert.Single(notes));
        var reading = watched.Finish();
        Assert.Equal((300, 0.9333), (reading.Images, Math.Round(reading.Best, 4)));
        Assert.Single(notes);
    }

    [Fact]
    public void Ask_FewImagesOrAnyway_RefusesNothing()
    {
        using var model = new FakeModel(OutputKind.Label, image => new Answer { TopLabels = [(image.Label + 1) % 3] });
        using var few = Watch(model, new ReadingCheck());
        few.Ask(Images(198));
        Assert.Equal(0, few.Finish().Best);
        using var anyway = Watch(model, new ReadingCheck(Anyway: true));
        Assert.Equal(1000, anyway.Ask(Images(1000)).Count);
    }

    private static WatchedBlackBox Watch(BlackBox model, ReadingCheck check)
    {
        ReadClass[] classes = [.. Enumerable.Range(0, 3).Select(i => new ReadClass($"class{i}", [i], null, false))];
        return new(model, new ClassReading("answers", ClassRule.Order, "it has as many", 3, null, 0, null, classes), Versions, check);
    }

    private static LabelledImage[] Images(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new LabelledImage($"{i}", $"{i}.png", i % 3))];

    private sealed class Said(List<string> notes) : IProgress<string>
    {
        public void Report(string value) => notes.Add(value);
    }
}
