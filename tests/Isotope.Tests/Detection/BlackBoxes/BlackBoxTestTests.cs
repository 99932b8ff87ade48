using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection.BlackBoxes;
using Isotope.Marking;
using Isotope.Networks.BlackBoxes;

namespace Isotope.Tests.Detection.BlackBoxes;

/// <summary>The test on query images that were really marked, and models that are functions: what they know is known.</summary>
public sealed class BlackBoxTestTests : IDisposable
{
    private const int Versions = 5;
    private const int Models = 400;
    private static readonly CarrierKey Key = CarrierKey.FromSeed(3, 64, 5);
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(OutputKind.Probabilities, MarkUnit.Class)]
    [InlineData(OutputKind.Loss, MarkUnit.Class)]
    [InlineData(OutputKind.TopLabels, MarkUnit.Class)]
    [InlineData(OutputKind.Label, MarkUnit.Class)]
    [InlineData(OutputKind.Probabilities, MarkUnit.Image)]
    [InlineData(OutputKind.Label, MarkUnit.Image)]
    public void Run_ModelsThatNeverSawTheMarks_KeepEveryLevel(OutputKind gives, MarkUnit unit)
    {
        var (set, queries) = MakeQueries(unit);
        double[] fixedTest = [.. Enumerable.Range(0, Models).Select(seed => Run(Shuffled(set, seed), queries, FakeModel.Noise(gives, seed)).PValue.Value)];
        double[] sequential = [.. Enumerable.Range(0, Models).Select(seed => Run(Shuffled(set, seed), queries, FakeModel.Noise(gives, seed), new() { SequentialLevel = 0.05 }).PValue.Value)];
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
        var (set, queries) = MakeQueries(MarkUnit.Class);
        var ranks = Enumerable.Range(0, Models).SelectMany(seed => Run(Shuffled(set, seed), queries, FakeModel.Noise(gives, seed)).Classes)
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
        var (set, queries) = MakeQueries(unit);
        var published = set.Images.Where(image => image.Version == 0).Select(image => image.File).ToHashSet();
        var found = Run(set, queries, Knowing(image => published.Contains(image.Id)));
        var units = unit == MarkUnit.Class ? 3 : 12;
        Assert.Equal(-units * Math.Log10(set.Versions), found.PValue.Log10, 1e-9);
        Assert.Equal(units, found.UnitsAsked);
        Assert.Equal(0, Run(set, queries, Knowing(_ => true)).PValue.Log10);
        Assert.Equal(found.PValue.Log10, Run(set, queries, Knowing(image => published.Contains(image.Id)), reference: Knowing(_ => true)).PValue.Log10, 1e-9);
        Assert.Equal(0, Run(set, queries, Knowing(image => published.Contains(image.Id)), reference: Knowing(image => published.Contains(image.Id))).PValue.Log10);
    }

    [Fact]
    public void Run_Sequential_StopsEarlyAndSaysWhatItAsked()
    {
        var (set, queries) = MakeQueries(MarkUnit.Image, perClass: 60);
        var published = set.Images.Where(image => image.Version == 0).Select(image => image.File).ToHashSet();
        var result = Run(set, queries, Knowing(image => published.Contains(image.Id)), new() { SequentialLevel = 0.001 });
        Assert.True(result is { Sequential.Rejected: true, PValue.Log10: <= -3 });
        Assert.Equal(result.UnitsAsked * 2, result.Queries);
        Assert.InRange(result.UnitsAsked, 10, 60);
        Assert.Equal(90, result.UnitsPlanned);

        var control = Run(set, queries, FakeModel.Noise(OutputKind.Probabilities, 3), new() { SequentialLevel = 0.001 });
        Assert.True(control is { Sequential.Rejected: false, UnitsAsked: 90 });
        Assert.StartsWith("Inconclusive", control.Verdict);
    }

    [Theory]
    [InlineData(MarkUnit.Class, 30, 30)]
    [InlineData(MarkUnit.Class, 31, 30)]
    [InlineData(MarkUnit.Image, 7, 6)]
    public void Run_QueryBudget_IsKept(MarkUnit unit, long budget, long asked)
    {
        var (set, queries) = MakeQueries(unit);
        Assert.Equal(asked, Run(set, queries, FakeModel.Noise(OutputKind.Loss, 1), new() { QueryBudget = budget }).Queries);
        Assert.Contains("--query-budget", Assert.Throws<IsotopeException>(() => Run(set, queries, FakeModel.Noise(OutputKind.Loss, 1), new() { QueryBudget = 1 })).Message);
    }

    [Fact]
    public void Run_WithVanilla_ReportsTheLossGap()
    {
        var (set, queries) = MakeQueries(MarkUnit.Class);
        var vanilla = set.Images.Where(image => image.Version is null).Select(image => image.File).ToHashSet();
        var model = new FakeModel(OutputKind.Loss, image => new Answer { Loss = vanilla.Contains(image.Id) ? 2 : 1.5 });
        Assert.Equal(new LossGap(0.5, 0.5, 0.5, 12), Run(set, queries, model, new() { WithVanilla = true }).LossGap);
        Assert.Null(Run(set, queries, FakeModel.Noise(OutputKind.Label, 1), new() { WithVanilla = true }).LossGap);
    }

    [Fact]
    public void Constructor_ChangedFileOrOtherKey_IsRefused()
    {
        var (set, queries) = MakeQueries(MarkUnit.Class);
        Assert.Contains("another key", Assert.Throws<IsotopeException>(() => new BlackBoxTest(set, queries, CarrierKey.FromSeed(3, 64, 6), new())).Message);
        var file = set.Images.First(image => image.Version == 1).File;
        File.AppendAllText(Path.Combine(queries, file), "x");
        Assert.Contains(file, Assert.Throws<IsotopeException>(() => new BlackBoxTest(set, queries, Key, new())).Message);
    }

    public void Dispose() => folder.Dispose();

    private static FakeModel Knowing(Func<LabelledImage, bool> known) => new(OutputKind.Probabilities, image => new Answer
    {
        Probabilities = [.. Enumerable.Range(0, 3).Select(label => label == image.Label ? (known(image) ? 0.9 : 0.6) : known(image) ? 0.05 : 0.2)],
    });

    private static BlackBoxResult Run(QuerySet set, string queries, FakeModel model, BlackBoxOptions? options = null, FakeModel? reference = null) =>
        new BlackBoxTest(set, queries, Key, options ?? new()).Run(model, reference);

    /// <summary>The null itself: any of the versions might have been the published one.</summary>
    private static QuerySet Shuffled(QuerySet set, long seed) => set with
    {
        Images = [.. set.Images.Select(image => image with
        {
            Version = (image.Version + new RandomStream(seed, set.Unit == MarkUnit.Class ? image.ClassName : image.Id).Next(set.Versions)) % set.Versions,
        })],
    };

    private (QuerySet Set, string Folder) MakeQueries(MarkUnit unit, int perClass = 8)
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"), perClass: perClass);
        using var network = Fixtures.LoadedNetwork(folder);
        var options = new DatasetMarkingOptions { Fraction = 0.5, Unit = unit, Marking = new MarkingOptions { Iterations = 1 } };
        var manifest = new DatasetMarker(vanilla, Key, network, options).Run(folder.File("marked"));
        var set = new CounterfactualMarker(vanilla, folder.File("marked"), manifest, Key, network, new() { Versions = Versions }).Run();
        return (set, QuerySet.FolderFor(folder.File("marked")));
    }
}
