using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection.BlackBoxes;
using Isotope.Networks.BlackBoxes;
using Isotope.Numerics;
using Isotope.Runs;
using Isotope.Statistics;

namespace Isotope.Tests.Detection.BlackBoxes;

/// <summary>The test on query images that were really marked, with models that are functions, so that what they know is known.</summary>
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
        double[] fixedTest = [.. Enumerable.Range(0, Models).Select(seed => PValueOf(seed, new()))];
        double[] sequential = [.. Enumerable.Range(0, Models).Select(seed => PValueOf(seed, new() { SequentialLevel = 0.05 }))];
        foreach (var level in new[] { 0.5, 0.2, 0.05 })
        {
            var most = level + 4 * Math.Sqrt(level * (1 - level) / Models);
            Assert.InRange(fixedTest.Count(p => p <= level) / (double)Models, 0, most);
            Assert.InRange(sequential.Count(p => p <= level) / (double)Models, 0, most);
        }

        double PValueOf(int seed, BlackBoxOptions options) =>
            Run(Shuffled(set, seed), folder, FakeModel.Noise(gives, seed), options).PValue.Value;
    }

    [Theory]
    [InlineData(OutputKind.Probabilities)]
    [InlineData(OutputKind.Label)]
    public void Run_RanksOfOneClass_AreUniformWithTies(OutputKind gives)
    {
        var (set, folder) = queries.Of(MarkUnit.Class);
        var ranks = Enumerable
            .Range(0, Models)
            .SelectMany(seed => Run(Shuffled(set, seed), folder, FakeModel.Noise(gives, seed)).Classes)
            .Select(c => c.MeanRank)
            .OfType<double>()
            .ToArray();
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
        var model = Knowing(image => published.Contains(image.Id));
        var found = Run(set, folder, model);
        var units = unit == MarkUnit.Class ? 3 : 36;
        Assert.Equal(-units * Math.Log10(set.Versions), found.PValue.Log10, 1e-9);
        Assert.Equal(units, found.Units.Count);
        Assert.Equal(0, Run(set, folder, Knowing(_ => true)).PValue.Log10);
        Assert.Equal(found.PValue.Log10, Run(set, folder, model, reference: Knowing(_ => true)).PValue.Log10, 1e-9);
        Assert.Equal(0, Run(set, folder, model, reference: model).PValue.Log10);
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
        Assert.Equal(RankBets.PValueOf(result.Units.Select(unit => unit.Rank).OfType<int>(), set.Versions), result.PValue);
        // The p-values of the classes are valid whenever the test stops, too.
        Assert.All(result.Classes, c => Assert.Equal(RankBets.PValueOf(Enumerable.Repeat(1, c.Units - c.Tied), 2), c.PValue));

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
        var least = unit == MarkUnit.Class ? "15, one image in 5 versions for each class" : "2, one image in 2 versions for each image";
        Assert.Equal(
            $"QueryBudget: expected at least {least}, found 1",
            Assert.Throws<IsotopeException>(() => new BlackBoxTest(set, folder, MarkedQueries.Key, new() { QueryBudget = 1 })).Message
        );
    }

    [Theory]
    [InlineData(MarkUnit.Class, 18, "18, one image in 6 versions for each class")]
    [InlineData(MarkUnit.Image, 3, "3, one image in 3 versions for each image")]
    public void Run_QueryBudgetWithVanilla_CountsTheVanillaImages(MarkUnit unit, long least, string words)
    {
        var (set, folder) = queries.Of(unit);
        Assert.Equal(
            least,
            Run(set, folder, FakeModel.Noise(OutputKind.Loss, 1), new() { QueryBudget = least, WithVanilla = true }).Queries
        );
        Assert.Equal(
            $"QueryBudget: expected at least {words}, found {least - 1}",
            Assert
                .Throws<IsotopeException>(() =>
                    new BlackBoxTest(set, folder, MarkedQueries.Key, new() { QueryBudget = least - 1, WithVanilla = true })
                )
                .Message
        );
    }

    [Fact]
    public void Validate_OptionsOutOfRange_AreRefused()
    {
        Assert.Equal("QueryBudget: expected at least 1, found 0", Refused(new() { QueryBudget = 0 }));
        Assert.Equal("SequentialLevel: expected a level between 0 and 1, found 0", Refused(new() { SequentialLevel = 0 }));
        Assert.Equal("SequentialLevel: expected a level between 0 and 1, found 1", Refused(new() { SequentialLevel = 1 }));
        new BlackBoxOptions { QueryBudget = 1, SequentialLevel = 0.5 }.Validate();

        string Refused(BlackBoxOptions options)
        {
            var (set, folder) = queries.Of(MarkUnit.Class);
            return Assert.Throws<IsotopeException>(() => new BlackBoxTest(set, folder, MarkedQueries.Key, options)).Message;
        }
    }

    [Fact]
    public void Run_AnswersWithoutAnOrder_AreRefused()
    {
        var (set, folder) = queries.Of(MarkUnit.Image);
        foreach (var loss in new[] { double.NaN, double.PositiveInfinity })
            Assert.StartsWith(
                "black box: expected finite answers",
                Assert
                    .Throws<IsotopeException>(() => Run(set, folder, new FakeModel(OutputKind.Loss, _ => new Answer { Loss = loss })))
                    .Message
            );
    }

    [Fact]
    public void Run_ModelsOfOtherClasses_AreRefused()
    {
        var (set, folder) = queries.Of(MarkUnit.Class);
        var four = new FakeModel(OutputKind.Loss, _ => new Answer { Loss = 1 }, classes: 4);
        var three = FakeModel.Noise(OutputKind.Loss, 1);
        Assert.Equal(
            "--tested-network: expected 3 classes, as many as the query images have, found 4",
            Assert.Throws<IsotopeException>(() => Run(set, folder, four)).Message
        );
        Assert.Equal(
            "--reference-network: expected 3 classes, as many as the query images have, found 4",
            Assert.Throws<IsotopeException>(() => Run(set, folder, three, reference: four)).Message
        );
    }

    [Fact]
    public void Run_OfClasses_ReportsScoresRanksAndProgress()
    {
        var (set, folder) = queries.Of(MarkUnit.Class);
        var versions = set.Images.ToDictionary(image => image.File, image => image.Version);
        // Class 0: the published version is second; class 1: all alike; class 2: last.
        var model = new FakeModel(
            OutputKind.Loss,
            image => new Answer
            {
                Loss = (image.Label, versions[image.Id]) switch
                {
                    (0, 0) => 1,
                    (0, 3) => 0.5,
                    (0, _) => 2,
                    (1, _) => 7,
                    (_, 0) => 9,
                    _ => 3,
                },
            }
        );
        var seen = new List<StageProgress>();
        var result = new BlackBoxTest(set, folder, MarkedQueries.Key, new()).Run(
            model,
            progress: new Callback(seen.Add),
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.Equal(
            [
                new ClassRanks("class0", 1, 0, 2, -1, -1.625, new PValue(Math.Log10(0.4))),
                new ClassRanks("class1", 1, 1, null, -7, -7, new PValue(0)),
                new ClassRanks("class2", 1, 0, 5, -9, -3, new PValue(0)),
            ],
            result.Classes.Select(c => c with { PValue = new PValue(Math.Log10(c.PValue.Value)) }),
            (a, b) => a with { PValue = b.PValue } == b && Math.Abs(a.PValue.Log10 - b.PValue.Log10) < 1e-9
        );
        Assert.Equal([("class0", 2), ("class1", null), ("class2", (int?)5)], result.Units.Select(unit => (unit.Label, unit.Rank)).Order());
        Assert.Equal(new StageProgress("asking", 60, 60), seen[^1]);
        Assert.Equal(
            (OutputKind.Loss, MarkUnit.Class, 5, 3, "ranks"),
            (result.Gives, result.Unit, result.Versions, result.UnitsPlanned, result.Combination)
        );
        Assert.Equal((60, null, null), (result.Queries, result.QueryBudget, result.Sequential));
    }

    [Fact]
    public void Run_OfTwins_AveragesTheUnitsOfAClass()
    {
        var (set, folder) = queries.Of(MarkUnit.Image);
        var versions = set.Images.ToDictionary(image => image.File, image => image.Version);
        var published = set
            .Images.Where(image => image.Version == 0)
            .OrderBy(image => image.Id, StringComparer.Ordinal)
            .Select(image => image.File)
            .ToList();
        var model = new FakeModel(
            OutputKind.Loss,
            image => new Answer { Loss = versions[image.Id] == 0 ? published.IndexOf(image.Id) : 20.5 }
        );
        var result = Run(set, folder, model);
        foreach (var c in result.Classes)
        {
            double[] losses =
            [
                .. published
                    .Index()
                    .Where(file => set.Images.First(image => image.File == file.Item).ClassName == c.Label)
                    .Select(file => (double)file.Index),
            ];
            Assert.Equal((12, 0, -losses.Average(), -20.5), (c.Units, c.Tied, Math.Round(c.Published, 9), c.Others));
            Assert.Equal(losses.Average(loss => loss < 20.5 ? 1 : 2), c.MeanRank!.Value, 1e-12);
        }
    }

    [Fact]
    public void Run_ImagesOfAClass_AreAveraged()
    {
        var (set, folder) = queries.Of(MarkUnit.Class);
        // Every counterfactual version has one image that the model knows better than in the published version, which leads on the rest.
        var best = set.Images.Where(image => image.ClassName == "class0").Select(image => image.Id).Min(StringComparer.Ordinal);
        var byFile = set.Images.ToDictionary(image => image.File);
        var model = new FakeModel(
            OutputKind.Loss,
            image => new Answer
            {
                Loss =
                    byFile[image.Id] is { Version: 0 } own ? (own.Id == best ? 6 : 1)
                    : byFile[image.Id].Id == best ? 5
                    : 3,
            }
        );
        var class0 = Run(set, folder, model).Classes[0];
        Assert.Equal((-2.25, -3.5, 1.0), (class0.Published, class0.Others, class0.MeanRank));
    }

    [Fact]
    public void Run_Budget_TakesImagesAndClassesInTheKeysOrder()
    {
        var (set, folder) = queries.Of(MarkUnit.Class);
        var asked = new HashSet<string>();
        var ids = set.Images.ToDictionary(image => image.File, image => image.Id);
        var result = Run(set, folder, Recording(file => asked.Add(ids[file])), new() { QueryBudget = 15 });
        var first = set.Images.GroupBy(image => image.ClassName, image => image.Id).Select(ofClass => ofClass.Distinct().MinBy(Order));
        Assert.Equal(first.Order(), asked.Order());
        Assert.Equal(set.ClassNames.OrderBy(Order), result.Units.Select(unit => unit.Label));

        static ulong Order(string name) => MarkedQueries.Key.Stream($"order {name}").NextUInt64();
    }

    [Fact]
    public void Run_Twice_StartsAnew()
    {
        var (set, folder) = queries.Of(MarkUnit.Image);
        var test = new BlackBoxTest(set, folder, MarkedQueries.Key, new() { SequentialLevel = 0.05 });
        var first = test.Run(FakeModel.Noise(OutputKind.Probabilities, 3));
        var again = test.Run(FakeModel.Noise(OutputKind.Probabilities, 3));
        Assert.Equal(first.PValue, again.PValue);
        Assert.Equal(first.Units, again.Units);
        Assert.Equal("sequential", first.Combination);
    }

    [Fact]
    public void Run_Always_AsksInTheOrderOfNamesThatTellNothing()
    {
        var (set, folder) = queries.Of(MarkUnit.Image);
        var asked = new List<string>();
        Run(set, folder, Recording(asked.Add));
        Assert.Equal(72, asked.Count);
        Assert.Equal(asked.Take(64).Order(StringComparer.Ordinal), asked.Take(64));
        Assert.Equal(asked.Skip(64).Order(StringComparer.Ordinal), asked.Skip(64));
    }

    [Fact]
    public void Constructor_IndexWithoutAVersion_IsRefused()
    {
        var (set, folder) = queries.Of(MarkUnit.Class);
        var image = set.Images.First(image => image.Version == 2);
        var broken = set with { Images = [.. set.Images.Where(other => other != image)] };
        Assert.Equal(
            $"query index: expected version 2 of {image.Id}, found none",
            Assert.Throws<IsotopeException>(() => new BlackBoxTest(broken, folder, MarkedQueries.Key, new())).Message
        );
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
        Assert.Equal(
            $"{QuerySet.IndexFor(folder)}: expected query images of this key, found another key's",
            Assert.Throws<IsotopeException>(() => new BlackBoxTest(set, folder, CarrierKey.FromSeed(3, 64, 6), new())).Message
        );
        var file = set.Images.First(image => image.Version == 1).File;
        File.AppendAllText(Path.Combine(folder, file), "x");
        Assert.Equal(
            $"{Path.Combine(folder, file)}: expected the query image of the index, found another",
            Assert.Throws<IsotopeException>(() => new BlackBoxTest(set, folder, MarkedQueries.Key, new())).Message
        );
    }

    private static FakeModel Recording(Action<string> ask) =>
        new(
            OutputKind.Loss,
            image =>
            {
                ask(image.Id);
                return new Answer { Loss = 1 };
            }
        );

    private static FakeModel Knowing(Func<LabelledImage, bool> known)
    {
        return new FakeModel(
            OutputKind.Probabilities,
            image => new Answer
            {
                Probabilities = known(image) ? Probabilities(image.Label, 0.9, 0.05) : Probabilities(image.Label, 0.6, 0.2),
            }
        );

        static double[] Probabilities(int label, double own, double other) =>
            [.. Enumerable.Range(0, 3).Select(i => i == label ? own : other)];
    }

    private static BlackBoxResult Run(
        QuerySet set,
        string folder,
        FakeModel model,
        BlackBoxOptions? options = null,
        FakeModel? reference = null
    ) => new BlackBoxTest(set, folder, MarkedQueries.Key, options ?? new()).Run(model, reference);

    /// <summary>The null hypothesis itself: any of the versions might have been the published one.</summary>
    private static QuerySet Shuffled(QuerySet set, long seed)
    {
        return set with { Images = [.. set.Images.Select(image => image with { Version = VersionOf(image) })] };

        int? VersionOf(QueryImage image)
        {
            var unit = set.Unit == MarkUnit.Class ? image.ClassName : image.Id;
            return (image.Version + new RandomStream(seed, unit).Next(set.Versions)) % set.Versions;
        }
    }
}
