using Isotope.Networks.BlackBoxes;

namespace Isotope.Tests.Networks.BlackBoxes;

/// <summary>How much of its output a model reveals.</summary>
public sealed class AccessTests
{
    [Fact]
    public void Of_TopLabels_AreInTheOrderOfProbabilities() =>
        Assert.Equal([2, 0, 3, 1], Access.Parse("topk:4").Of([0.3, 0.1, 0.4, 0.2], 0).TopLabels);

    [Fact]
    public void Of_MoreLabelsThanThereAre_IsRefused() =>
        Assert.Contains(
            "--access: expected at most the 4 labels",
            Assert.Throws<IsotopeException>(() => Access.Parse("topk:5").Of([0.3, 0.1, 0.4, 0.2], 0)).Message
        );

    [Theory]
    [InlineData("topk")]
    [InlineData("topk:0")]
    [InlineData("topk:-1")]
    [InlineData("everything")]
    public void Parse_UnknownAccess_IsRefused(string text) =>
        Assert.Contains("--access", Assert.Throws<IsotopeException>(() => Access.Parse(text)).Message);
}
