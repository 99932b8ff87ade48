using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection.BlackBoxes;
using Isotope.Evidence;
using Isotope.Networks.BlackBoxes;
using Isotope.Statistics;
using TestResult = Isotope.Evidence.TestResult;

namespace Isotope.Tests.Evidence;

public sealed class VerificationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>On another machine near ties may fall the other way; more than these is another model.</summary>
    [Theory]
    [InlineData(10, 0, true)]
    [InlineData(10, 1, true)]
    [InlineData(10, 2, false)]
    [InlineData(3000, 3, true)]
    [InlineData(3000, 4, false)]
    public void Compare_RanksThatMoved_AgreeUpToNearTies(int twins, int moved, bool agree)
    {
        int[] ranks = [.. Enumerable.Range(0, twins).Select(i => 1 + i % 2)];
        var key = CarrierKey.FromSeed(2, 4, 1);
        KeyFile.Save(key, folder.File("key"));
        var result = OutcomeOf(key, ranks).Record(folder.File("key"), publishedFile: null);
        var repeated = OutcomeOf(key, [.. ranks.Select((rank, i) => i < moved ? 3 - rank : rank)]);
        var finding = RepeatedTest.Compare(result, repeated).Single(finding => finding.Statement == "ranks, made again");
        Assert.Equal(agree ? Outcome.Agrees : Outcome.Differs, finding.Outcome);
        Assert.DoesNotContain(Verification.OfFile(result), finding => finding.Outcome == Outcome.Differs);
    }

    [Theory]
    [InlineData(17, 17, Outcome.Agrees, Outcome.Agrees)]
    [InlineData(2, 1, Outcome.Agrees, Outcome.NotChecked)]
    [InlineData(17, 1, Outcome.Differs, Outcome.Differs)]
    public void Compare_OneRankOfManyPlaces_AgreesIfItMovedByOneAndShowsThePValue(int stated, int found, Outcome outcome, Outcome ofPValue)
    {
        var key = CarrierKey.FromSeed(2, 4, 1);
        KeyFile.Save(key, folder.File("key"));
        var result = OutcomeOf(key, [3, found, 12], versions: 20).Record(folder.File("key"), publishedFile: null);
        var findings = RepeatedTest.Compare(result, OutcomeOf(key, [3, stated, 12], versions: 20)).ToArray();
        Assert.Equal(ofPValue, findings.Single(finding => finding.Statement == "p-value, made again, log₁₀").Outcome);
        Assert.Equal(outcome, findings.Single(finding => finding.Statement == "ranks, made again").Outcome);
    }

    /// <summary>−3.2 alone would be strong; adjusted for three tests it is −2.7.</summary>
    [Fact]
    public void VerdictOf_OneOfSeveralTests_GoesByTheAdjustedPValueAndItsKind()
    {
        var ledger = LedgerStatement.Of(2, "b", [-1, -3.2, -2], "head");
        Assert.StartsWith(
            "Weak evidence of this key's mark (p = 0.0019, adjusted for 3 tests with the key)",
            TestResult.VerdictOf(TestKinds.WhiteBox, ledger)
        );
        Assert.StartsWith("Weak evidence", TestResult.VerdictOf(TestKinds.BlackBox, ledger));
        Assert.EndsWith(
            "this does not prove that the images are not marked.",
            TestResult.VerdictOf(TestKinds.Images, LedgerStatement.Of(1, "b", [-0.1], "head"))
        );
    }

    [Fact]
    public void OfOrigin_CarriersThatTheSecretDoesNotGive_Differ()
    {
        var key = CarrierKey.FromSeed(2, 4, 1);
        KeyFile.Save(
            new CarrierKey(2, 4, CarrierKey.SystemOrigin, key.Secret.ToArray(), CarrierKey.FromSeed(2, 4, 2).Carriers.ToArray()),
            folder.File("chosen")
        );
        KeyFile.SaveOpening(key, folder.File("opening"));
        using var carriers = key.ToTensor();
        Assert.Equal(Outcome.Differs, Verification.OfOrigin(KeyFile.Load(folder.File("chosen"))).Outcome);
        Assert.Equal(Outcome.Agrees, Verification.OfOrigin(key).Outcome);
        Assert.Equal(Outcome.NotChecked, Verification.OfOrigin(KeyFile.LoadForTest(folder.File("opening"))).Outcome);
        Assert.Equal(Outcome.NotChecked, Verification.OfOrigin(CarrierKey.Import(carriers, "x")).Outcome);
    }

    public void Dispose() => folder.Dispose();

    private static TestOutcome OutcomeOf(CarrierKey key, int[] ranks, int versions = 2)
    {
        var pValue = RankTest.Combine(ranks, versions);
        var details = new BlackBoxDetails(
            OutputKind.Probabilities,
            MarkUnit.Image,
            versions,
            ranks.Length,
            [.. ranks.Select(rank => new UnitRank("a", rank))],
            [new ClassRanks("a", ranks.Length, 0, ranks.Average(), 0, 0, pValue)],
            null,
            null,
            versions * ranks.Length
        );
        TestInput[] inputs = [new("predictions", "said.csv", new string('a', 64))];
        return new TestOutcome(
            TestKinds.BlackBox,
            key,
            "predictions",
            "rank",
            BlackBoxResult.Ranks,
            pValue,
            new JsonObject(),
            inputs,
            details.ToJson()
        );
    }
}
