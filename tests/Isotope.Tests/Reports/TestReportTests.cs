using Isotope.Evidence;
using Isotope.Reports;
using TestResult = Isotope.Evidence.TestResult;

namespace Isotope.Tests.Reports;

public sealed class TestReportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Of_ATest_StatesItsOwnFiguresChecksAndCommitment()
    {
        var sample = TestResult.Load(SampleResults.WriteTest(folder));
        var result = sample with
        {
            Log10P = -5,
            Power = "at <power>",
            Ledger = sample.Ledger with { Position = 2, Log10PValues = [-1, -5, -2], HolmLog10P = -4.5 },
            Published = new PublishedStatement("c", Matches: false, SignatureValid: null, PublicKeySha256: null),
        };
        var page = TestReport.Of(result).ToHtml();
        string[] expected =
        [
            "<dt>p-value</dt><dd>1.0e−05</dd>",
            "tests</dt><dd>3.2e−05</dd>",
            "<p>at &lt;power&gt;</p>",
            "It is test 2 of 3 in the key's ledger",
            "The published commitment is of another key.",
            "none of them is marked, by the manifest",
            "of 999 fresh keys, 0 gave a p-value as small; 9 were at most 1 %; as they should be",
        ];
        Assert.All(expected, text => Assert.Contains(text, page));
        var good = TestReport
            .Of(result with { Published = new PublishedStatement("c", Matches: true, SignatureValid: true, PublicKeySha256: "d") })
            .ToHtml();
        Assert.DoesNotContain("is of another key", good);
        Assert.Contains(", and its signature is valid", good);
    }

    [Theory]
    [InlineData("system", "The carriers of the key were drawn at random", "of origin")]
    [InlineData("imported", "This key's carriers are of origin imported.", "The carriers of the key were drawn at random")]
    public void Of_ATest_SaysWhatIsKnownOfItsCarriers(string origin, string said, string unsaid)
    {
        var sample = TestResult.Load(SampleResults.WriteTest(folder));
        var page = System.Net.WebUtility.HtmlDecode(TestReport.Of(sample with { Key = sample.Key with { Origin = origin } }).ToHtml());
        Assert.Contains(said, page);
        Assert.DoesNotContain(unsaid, page);
    }

    public void Dispose() => folder.Dispose();
}
