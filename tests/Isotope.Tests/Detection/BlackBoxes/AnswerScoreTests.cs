using Isotope.Detection.BlackBoxes;
using Isotope.Networks.BlackBoxes;

namespace Isotope.Tests.Detection.BlackBoxes;

public sealed class AnswerScoreTests
{
    [Fact]
    public void Of_Probabilities_IsTheLogOddsOfTheTrueClass()
    {
        var answer = new Answer { Probabilities = [0.2, 0.7, 0.1] };
        Assert.Equal(Math.Log(0.7 / 0.3), AnswerScore.Of(answer, 1), 1e-12);
        Assert.Equal(Math.Log(0.1 / 0.9), AnswerScore.Of(answer, 2), 1e-12);
        Assert.Equal(-Math.Log(0.7), AnswerScore.LossOf(answer, 1)!.Value, 1e-12);
    }

    [Fact]
    public void Of_ProbabilitiesThatAServiceHasRounded_IsFinite()
    {
        Assert.Equal(-12 * Math.Log(10), AnswerScore.Of(new Answer { Probabilities = [0, 1] }, 0), 1e-9);
        Assert.Equal(12 * Math.Log(10), AnswerScore.Of(new Answer { Probabilities = [0, 1] }, 1), 1e-9);
        Assert.Equal(12 * Math.Log(10), AnswerScore.LossOf(new Answer { Probabilities = [0, 1] }, 0)!.Value, 1e-9);
    }

    [Fact]
    public void Of_LossOfAProbabilityThatAServiceHasRounded_IsFinite()
    {
        var answer = new Access(OutputKind.Loss).Of([0, 1], 0);
        Assert.Equal(-12 * Math.Log(10), AnswerScore.Of(answer, 0), 1e-9);
    }

    [Fact]
    public void Of_Loss_IsItsNegative()
    {
        Assert.Equal(-1.5, AnswerScore.Of(new Answer { Loss = 1.5 }, 0));
        Assert.Equal(1.5, AnswerScore.LossOf(new Answer { Loss = 1.5 }, 0));
    }

    [Theory]
    [InlineData(4, -1)]
    [InlineData(2, -2)]
    [InlineData(7, -3)]
    [InlineData(5, -4)]
    public void Of_TopLabels_IsMinusThePositionOrOneBehindTheList(int label, double score)
    {
        Assert.Equal(score, AnswerScore.Of(new Answer { TopLabels = [4, 2, 7] }, label));
        Assert.Null(AnswerScore.LossOf(new Answer { TopLabels = [4, 2, 7] }, label));
    }

    [Fact]
    public void Of_EmptyAnswer_IsRefused() =>
        Assert.Equal(
            "black box: expected probabilities, a loss or labels in every answer, found an empty one",
            Assert.Throws<IsotopeException>(() => AnswerScore.Of(new Answer(), 0)).Message
        );
}
