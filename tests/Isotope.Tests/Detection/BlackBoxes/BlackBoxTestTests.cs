using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection.BlackBoxes;
using Isotope.Networks.BlackBoxes;

namespace Isotope.Tests.Detection.BlackBoxes;

/// <summary>The test on query images that were really marked, and models that are functions: what they know is known.</summary>
public sealed class BlackBoxTestTests(MarkedQueries queries) : IClassFixture<MarkedQueries>
{
    private const int Versions = MarkedQueries.Versions;
    private const int Models = 250;

    [Theory]
    [InlineData(OutputKind.Probabilities, MarkUnit.Class)]
    [InlineData(OutputKind.Loss, MarkUnit.Class)]
    [InlineData(OutputKind.TopLabels, MarkUnit.Class)]
    [InlineData(OutputKind.Label, MarkUnit.Class)]
    [InlineData(OutputKind.Probabilities, MarkUnit.Image)]
    [InlineData(OutputKind.Label, MarkUnit.Image)]
    public void Run_ModelsThatNeverSawTheMarks_KeepEveryLevel(OutputKind gives, MarkUnit unit)
    {
        var (set, folder) = queries.Of(unit);
        double[] fixedTest = [.. Enumerable.Range(0, Models).Select(seed => Run(Shuffled(set, seed), folder, FakeModel.Noise(gives, seed)).PValue.Value)];
        double[] sequential = [.. Enumerable.Range(0, Models).Select(seed => Run(Shuffled(set, seed), folder, FakeModel.Noise(gives, seed), new() { SequentialLevel = 0.05 }).PValue.Value)];
        foreach (var level in new[] { 0.5, 0.2, 0.05 })
        {
            var most = level + 4 * Math.Sqrt(level * (1 - level) / Models);
            Assert.InRange(fixedTest.Count(p => p <= level) / (double)Models, 0, most);
            Assert.InRange(sequential.Count(p => p <= level) / (double)Models, 0, most);
        }
    }

    [Theory]
    [InlineData(OutputKind.Probabilities)]
    [InlineData(OutputKind.Label)]
    public void Run_RanksOfOneClass_AreUniformWithTies(OutputKind gives)
    {
        var (set, folder) = queries.Of(MarkUnit.Class);
        var ranks = Enumerable.Range(0, Models).SelectMany(seed => Run(Shuffled(set, seed), folder, FakeModel.Noise(gives, seed)).Classes)
            .Select(c => c.MeanRank).OfType<double>().ToArray();
        var expected = ranks.Length / (double)Versions;
        var chiSquare = Enumerable.Range(1, Versions).Sum(rank => Math.Pow(ranks.Count(r => r == rank) - expected, 2) / expected);
        Assert.InRange(chiSquare, 0, 18.5); // 0.1 % of χ² with 4 degrees of freedom
    }

    [Theory]
    [InlineData(MarkUnit.Class)]
    [InlineData(MarkUnit.Image)]
    public void Run_ModelThatKnowsThePublishedVersions_IsFoundAndItsControlIsNot(MarkUnit unit)
    {
        var (set, folder) = queries.Of(unit);
        var published = set.Images.Where(image => image.Version == 0).Select(image => image.File).ToHashSet();
        var found = Run(set, folder, Knowing(image => published.Contains(image.Id)));
        var units = unit == MarkUnit.Class ? 3 : 36;
        Assert.Equal(-units * Math.Log10(set.Versions), found.PValue.Log10, 1e-9);
        Assert.Equal(units, found.Units.Count);
        Assert.Equal(0, Run(set, folder, Knowing(_ => true)).PValue.Log10);
        Assert.Equal(found.PValue.Log10, Run(set, folder, Knowing(image => published.Contains(image.Id)), reference: Knowing(_ => true)).PValue.Log10, 1e-9);
        Assert.Equal(0, Run(set, folder, Knowing(image => published.Contains(image.Id)), reference: Knowing(image => published.Contains(image.Id))).PValue.Log10);
    }

    [Fact]
    public void Run_Sequential_StopsEarlyAndSaysWhatItAsked()
    {
        var (set, folder) = queries.Of(MarkUnit.Image);
        var published = set.Images.Where(image => image.Version == 0).Select(image => image.File).ToHashSet();
        var result = Run(set, folder, Knowing(image => published.Contains(image.Id)), new() { SequentialLevel = 0.001 });
        Assert.True(result is { Sequential.Rejected: true, PValue.Log10: <= -3 });
        Assert.Equal(result.Units.Count * 2, result.Queries);
        Assert.InRange(result.Units.Count, 10, 35);
        Assert.Equal(36, result.UnitsPlanned);

        var control = Run(set, folder, FakeModel.Noise(OutputKind.Probabilities, 3), new() { SequentialLevel = 0.001 });
        Assert.True(control is { Sequential.Rejected: false, Units.Count: 36 });
        Assert.StartsWith("Inconclusive", control.Verdict);
    }

    [Theory]
    [InlineData(MarkUnit.Class, 30, 30)]
    [InlineData(MarkUnit.Class, 31, 30)]
    [InlineData(MarkUnit.Image, 7, 6)]
    public void Run_QueryBudget_IsKept(MarkUnit unit, long budget, long asked)
    {
        var (set, folder) = queries.Of(unit);
        Assert.Equal(asked, Run(set, folder, FakeModel.Noise(OutputKind.Loss, 1), new() { QueryBudget = budget }).Queries);
        Assert.Contains("--query-budget", Assert.Throws<IsotopeException>(() => Run(set, folder, FakeModel.Noise(OutputKind.Loss, 1), new() { QueryBudget = 1 })).Message);
    }

    [Fact]
    public void Run_WithVanilla_ReportsTheLossGap()
    {
        var (set, folder) = queries.Of(MarkUnit.Class);
        var vanilla = set.Images.Where(image => image.Version is null).Select(image => image.File).ToHashSet();
        var model = new FakeModel(OutputKind.Loss, image => new Answer { Loss = vanilla.Contains(image.Id) ? 2 : 1.5 });
        Assert.Equal(new LossGap(0.5, 0.5, 0.5, 12), Run(set, folder, model, new() { WithVanilla = true }).LossGap);
        Assert.Null(Run(set, folder, FakeModel.Noise(OutputKind.Label, 1), new() { WithVanilla = true }).LossGap);
    }

    [Fact]
    public void Constructor_ChangedFileOrOtherKey_IsRefused()
    {
        using var own = new MarkedQueries();
        var (set, folder) = own.Of(MarkUnit.Class);
        Assert.Contains("another key", Assert.Throws<IsotopeException>(() => new BlackBoxTest(set, folder, CarrierKey.FromSeed(3, 64, 6), new())).Message);
        var file = set.Images.First(image => image.Version == 1).File;
        File.AppendAllText(Path.Combine(folder, file), "x");
        Assert.Contains(file, Assert.Throws<IsotopeException>(() => new BlackBoxTest(set, folder, MarkedQueries.Key, new())).Message);
    }

    private static FakeModel Knowing(Func<LabelledImage, bool> known) => new(OutputKind.Probabilities, image => new Answer
    {
        Probabilities = [.. Enumerable.Range(0, 3).Select(label => label == image.Label ? (known(image) ? 0.9 : 0.6) : known(image) ? 0.05 : 0.2)],
    });

    private static BlackBoxResult Run(QuerySet set, string folder, FakeModel model, BlackBoxOptions? options = null, FakeModel? reference = null) =>
        new BlackBoxTest(set, folder, MarkedQueries.Key, options ?? new()).Run(model, reference);

    /// <summary>The null itself: any of the versions might have been the published one.</summary>
    private static QuerySet Shuffled(QuerySet set, long seed) => set with
    {
        Images = [.. set.Images.Select(image => image with
        {
            Version = (image.Version + new RandomStream(seed, set.Unit == MarkUnit.Class ? image.ClassName : image.Id).Next(set.Versions)) % set.Versions,
        })],
    };
}
