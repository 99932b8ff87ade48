using Isotope.Detection.Classes;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Detection.Classes;

/// <summary>When outputs are taken in the owner's order, on made-up outputs of six classes.</summary>
public sealed class ClassOrderTests
{
    /// <param name="fits">Whether the order fits.</param>
    /// <param name="showsMost">For each class, the output that its images show most.</param>
    [Theory]
    [InlineData(true, new[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData(true, new[] { 0, 0, 2, 3, 4, 5 })] // the first two are taken for one: the second may be known by its mark alone
    [InlineData(true, new[] { 2, 1, 3, 3, 4, 5 })] // a chain of such classes
    [InlineData(false, new[] { 1, 0, 2, 3, 4, 5 })]
    [InlineData(false, new[] { 0, 2, 3, 1, 4, 5 })]
    [InlineData(false, new[] { 1, 2, 3, 4, 5, 5 })] // an output more in front and one less at the end: no two classes show each other's
    public void Fits_ClassesThatShowOtherOutputs_OnlyWhereNoOtherOrderTellsThemBetter(bool fits, int[] showsMost)
    {
        using var scope = NewDisposeScope();
        var random = new RandomStream(1, "outputs");
        var outputs = MadeUpOutputs.Of(
            6,
            6,
            (label, output) =>
                output == showsMost[label] ? 8
                : output == label ? 1.5
                : 1,
            random
        );
        Assert.Equal(fits, ClassOrder.Fits(outputs, FoundMap.OfProbabilities(outputs)));
    }
}
