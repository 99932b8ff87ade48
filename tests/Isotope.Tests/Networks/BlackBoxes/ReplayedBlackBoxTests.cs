using Isotope.Datasets;
using Isotope.Networks.BlackBoxes;

namespace Isotope.Tests.Networks.BlackBoxes;

public sealed class ReplayedBlackBoxTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly LabelledImage image;

    public ReplayedBlackBoxTests() => image = Fixtures.WriteFolder(folder.File("data")).Images[0];

    [Theory]
    [InlineData("probabilities", """{"probabilities":[0.2,0.3,0.5]}""")]
    [InlineData("topk:2", """{"topLabels":[2,1]}""")]
    [InlineData("label", """{"topLabels":[2]}""")]
    public void Ask_ImageThatWasAnswered_IsTheAnswer(string access, string answer)
    {
        using var replayed = Open(access, Journal(answer));
        var given = Assert.Single(replayed.Ask([image]));
        if (access == "probabilities")
            Assert.Equal([0.2, 0.3, 0.5], given.Probabilities!);
        else
            Assert.Equal(2, given.TopLabels![0]);
        Assert.Equal(1, replayed.Queries);
    }

    [Fact]
    public void Ask_LossOfTheImagesClass_IsTheAnswer()
    {
        File.WriteAllText(
            folder.File("j"),
            $$"""
            {"model": "any"}
            {"image": "{{image.Source.Sha256()}} {{image.Label}}", "answer": {"loss": 0.75} }
            """
        );
        using var replayed = Open("loss", folder.File("j"));
        Assert.Equal(0.75, Assert.Single(replayed.Ask([image])).Loss);
    }

    [Theory]
    [InlineData("probabilities", """{"probabilities":[0.5,0.5]}""", "probabilities of 3 classes, found 2")]
    [InlineData("probabilities", """{"probabilities":[0.5,0.5,7]}""", "probabilities of 0 to 1")]
    [InlineData("probabilities", """{"topLabels":[2]}""", "expected probabilities")]
    [InlineData("topk:2", """{"topLabels":[2]}""", "expected 2 labels")]
    [InlineData("label", """{"topLabels":[3]}""", "labels of 0 to 2")]
    [InlineData("label", "{}", "a loss")]
    [InlineData("label", "nothing", "expected an answer, found none")]
    public void Ask_AnswerOfAnotherKind_IsRefused(string access, string answer, string expected)
    {
        using var replayed = Open(access, Journal(answer));
        var message = Assert.Throws<IsotopeException>(() => replayed.Ask([image])).Message;
        Assert.StartsWith($"{folder.File("j")}, {image.Id}: ", message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void Open_MissingJournal_IsRefused() =>
        Assert.Contains("nowhere", Assert.Throws<IsotopeException>(() => Open("label", folder.File("nowhere"))).Message);

    public void Dispose() => folder.Dispose();

    private static ReplayedBlackBox Open(string access, string journal) => ReplayedBlackBox.Open(journal, 3, Access.Parse(access));

    private string Journal(string answer)
    {
        File.WriteAllText(
            folder.File("j"),
            $$"""
            {"model": "any"}
            {"image": "{{image.Source.Sha256()}}", "answer": {{answer}}}
            {"image": "torn
            """
        );
        return folder.File("j");
    }
}
