using Isotope.Detection;
using Isotope.Statistics;

namespace Isotope.Tests.Detection;

/// <summary>The words that people will quote, at the levels where they change.</summary>
public sealed class VerdictTests
{
    [Theory]
    [InlineData(
        -8,
        "The model carries this key's mark: had it never seen the marked images, a key drawn at random would show as much with "
            + "probability 1.0e-08."
    )]
    [InlineData(
        -3,
        "The model carries this key's mark: had it never seen the marked images, a key drawn at random would show as much with "
            + "probability 0.001."
    )]
    [InlineData(-2.9999, "Weak evidence of this key's mark (p = 0.00101): in a model that never saw it, one key in 999 shows as much.")]
    [InlineData(
        -1.3010299956639813,
        "Weak evidence of this key's mark (p = 0.05): in a model that never saw it, one key in 20 shows as much."
    )]
    [InlineData(
        -1.3010,
        "Inconclusive (p = 0.0501): keys often show as much in a model that never saw them. This does not prove that the images were "
            + "not used."
    )]
    [InlineData(
        0,
        "Inconclusive (p = 1): keys often show as much in a model that never saw them. This does not prove that the images were not used."
    )]
    public void Of_ModelsPValue_SaysWhatItMeans(double log10, string words) => Assert.Equal(words, Verdict.OfModel(new PValue(log10)));

    [Theory]
    [InlineData(
        -4,
        "The model carries this key's mark: had it never seen the marked images, a key drawn at random would show as much with "
            + "probability 1.0e-04, adjusted for 3 tests with the key."
    )]
    [InlineData(
        -2,
        "Weak evidence of this key's mark (p = 0.01, adjusted for 3 tests with the key): in a model that never saw it, one key in 100 "
            + "shows as much."
    )]
    [InlineData(
        0,
        "Inconclusive (p = 1, adjusted for 3 tests with the key): keys often show as much in a model that never saw them. This does not "
            + "prove that the images were not used."
    )]
    public void OfModel_OneOfSeveralTests_SaysSo(double log10, string words) =>
        Assert.Equal(words, Verdict.OfModel(new PValue(log10), tests: 3));

    [Theory]
    [InlineData(
        -3,
        "The images carry this key's mark: had they never been marked with it, a key drawn at random would show as much with "
            + "probability 0.001."
    )]
    [InlineData(-2.9999, "Inconclusive (p = 0.00101): this does not prove that the images are not marked.")]
    public void Verdict_OfImages_SaysWhatItMeans(double log10, string words)
    {
        var check = new RankCheck(1, 0, 0, 0, 0, new PValue(0), new PValue(0));
        Assert.Equal(words, new ImageTestResult("displacement", new PValue(log10), "stouffer", [], [], 1, check).Verdict);
    }
}
