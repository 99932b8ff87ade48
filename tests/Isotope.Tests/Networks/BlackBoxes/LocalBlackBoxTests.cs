using Isotope.Networks.BlackBoxes;

namespace Isotope.Tests.Networks.BlackBoxes;

public sealed class LocalBlackBoxTests
{
    [Fact]
    public void Ask_LessAccess_RevealsPartOfTheSameProbabilities()
    {
        using var folder = new TemporaryFolder();
        var images = Fixtures.WriteFolder(folder.File("images")).Images;
        var whole = Ask("probabilities");
        Assert.All(whole, answer => Assert.Equal(1, answer.Probabilities!.Sum(), 1e-12));
        Assert.Equal(
            images.Zip(whole, (image, answer) => -Math.Log(answer.Probabilities![image.Label])),
            Ask("loss").Select(answer => answer.Loss!.Value)
        );
        Assert.Equal(whole.Select(Best), Ask("label").Select(answer => Assert.Single(answer.TopLabels!)));
        Assert.All(
            Ask("topk:2").Zip(whole),
            pair => Assert.Equal((2, Best(pair.Second)), (pair.First.TopLabels!.Count, pair.First.TopLabels![0]))
        );
        Assert.All(Ask("label"), answer => Assert.True(answer is { Probabilities: null, Loss: null }));

        static int Best(Answer answer) => answer.Probabilities!.Index().MaxBy(p => p.Item).Index;

        IReadOnlyList<Answer> Ask(string access)
        {
            using var model = new LocalBlackBox(Fixtures.RandomNetwork(), Access.Parse(access));
            var answers = model.Ask(images);
            Assert.Equal(images.Count, model.Queries);
            return answers;
        }
    }
}
