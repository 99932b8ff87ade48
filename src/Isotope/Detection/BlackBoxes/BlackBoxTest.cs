using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Networks.BlackBoxes;
using Isotope.Runs;
using Isotope.Statistics;

namespace Isotope.Detection.BlackBoxes;

/// <summary>
/// The black-box test of paper §3.5 in an exact form: does the model score published marks above the marks that other keys, drawn in the
/// same way, would have made? For a model that never saw the published version, that version is one of K exchangeable ones, so its rank is
/// uniform over the draw of the key.
/// </summary>
/// <remarks>
/// Versions with equal scores are ordered by their names, which the key has drawn, so ranks stay exactly uniform. A unit whose versions all
/// score the same is left out. That is exact too, since it does not depend on which of them is published.
/// </remarks>
public sealed class BlackBoxTest
{
    /// <summary>
    /// Units are asked about together until they have this many images. Their answers are kept in memory, and a file of predictions is read
    /// once for each such chunk.
    /// </summary>
    private const int ImagesAtATime = 16_384;

    /// <summary>
    /// The same for the sequential test, which can stop only between chunks. It does not apply to a file, whose answers exist already.
    /// </summary>
    private const int ImagesAtALook = 64;

    private readonly QuerySet set;
    private readonly BlackBoxOptions options;
    private readonly IReadOnlyList<ExchangeUnit> plan;

    /// <summary>Fixes what will be asked.</summary>
    /// <param name="set">Index of the query images.</param>
    /// <param name="folder">The query images.</param>
    /// <param name="key">The owner's key.</param>
    /// <param name="options">Budget and kind of test.</param>
    /// <exception cref="IsotopeException">The images are another key's, files were changed, or an option is out of range.</exception>
    public BlackBoxTest(QuerySet set, string folder, CarrierKey key, BlackBoxOptions options)
    {
        options.Validate();
        if (!set.IsOfKey(key.Commitment))
            throw new IsotopeException($"{QuerySet.IndexFor(folder)}: expected query images of this key, found another key's");
        this.set = set;
        this.options = options;
        plan = QueryPlan.Of(set, folder, key, options);
        if (!RankTest.IsFeasible(plan.Count, set.Versions))
            throw new IsotopeException(
                $"--query-budget: expected fewer units than {plan.Count} in {set.Versions} versions, since the exact law of their ranks "
                    + "takes hours; lower it"
            );
    }

    /// <summary>Asks the suspect and tests its answers.</summary>
    /// <param name="suspect">The model under test.</param>
    /// <param name="reference">A vanilla model of the owner's, whose scores are subtracted, so that what any model makes of a version
    /// cancels. Null for none.</param>
    /// <param name="progress">Images asked about.</param>
    /// <param name="cancellation">Passed on to the models.</param>
    /// <exception cref="IsotopeException">A model has other classes than the query set, or does not answer.</exception>
    public BlackBoxResult Run(
        BlackBox suspect,
        BlackBox? reference = null,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        RequireClasses(suspect, "--tested-network");
        if (reference is not null)
            RequireClasses(reference, "--reference-network");
        var models = reference is null ? 1 : 2;
        var asking = new AskingProgress(progress, plan.Sum(unit => unit.Images.LongCount()) * models);
        var units = new List<UnitScores>();
        var bets = new RankBets(set.Versions);
        foreach (var chunk in Chunks(suspect))
        {
            var answers = Ask(suspect, chunk, asking, cancellation);
            var expected = reference is null ? null : Ask(reference, chunk, asking, cancellation);
            UnitScores[] scored = [.. chunk.Select(unit => UnitScores.Of(unit, answers, expected))];
            units.AddRange(scored);
            foreach (var rank in Ranks(scored))
                bets.Add(rank);
            if (IsRejected(bets))
                break;
        }

        return Result(suspect, units, bets);
    }

    private bool IsRejected(RankBets bets) => options.SequentialLevel is { } level && bets.LogLargest >= -Math.Log(level);

    private IEnumerable<ExchangeUnit[]> Chunks(BlackBox suspect)
    {
        if (plan.Count == 0)
            return [];
        var images = options.SequentialLevel is null || suspect.HasAnswers ? ImagesAtATime : ImagesAtALook;
        return plan.Chunk(Math.Max(1, images / plan[0].Images.Count()));
    }

    private static Dictionary<LabelledImage, Answer> Ask(
        BlackBox model,
        ExchangeUnit[] chunk,
        AskingProgress progress,
        CancellationToken cancellation
    )
    {
        // In the order of their names, which reveals nothing about versions.
        LabelledImage[] images = [.. chunk.SelectMany(unit => unit.Images).OrderBy(image => image.Id, StringComparer.Ordinal)];
        var answers = model.Ask(images, progress, cancellation);
        progress.Add(images.Length);
        return images.Zip(answers).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private void RequireClasses(BlackBox model, string option)
    {
        if (model.Classes != set.ClassNames.Count)
            throw new IsotopeException(
                $"{option}: expected {set.ClassNames.Count} classes, as many as the query images have, found {model.Classes}"
            );
    }

    private BlackBoxResult Result(BlackBox suspect, List<UnitScores> units, RankBets bets)
    {
        var level = options.SequentialLevel;
        double[] gaps = [.. units.SelectMany(unit => unit.LossGaps)];
        return new BlackBoxResult(
            Gives: suspect.Gives,
            Unit: set.Unit,
            Versions: set.Versions,
            Units: [.. units.Select(unit => new UnitRank(unit.ClassName, unit.Rank))],
            UnitsPlanned: plan.Count,
            PValue: level is null ? RankTest.Combine([.. Ranks(units)], set.Versions) : bets.PValue,
            Sequential: level is null ? null : new SequentialResult(level.Value, IsRejected(bets)),
            Classes: [.. set.ClassNames.GroupJoin(units, name => name, unit => unit.ClassName, OfClass).OfType<ClassRanks>()],
            LossGap: gaps.Length > 0 ? LossGap.Of(gaps) : null,
            Queries: suspect.Queries,
            QueryBudget: options.QueryBudget
        );
    }

    private ClassRanks? OfClass(string name, IEnumerable<UnitScores> scores)
    {
        UnitScores[] units = [.. scores];
        if (units.Length == 0)
            return null;
        int[] ranks = [.. Ranks(units)];
        return new ClassRanks(
            Label: name,
            Units: units.Length,
            Tied: units.Length - ranks.Length,
            MeanRank: ranks.Length > 0 ? ranks.Average() : null,
            Published: units.Average(unit => unit.Scores[0]),
            Others: units.Average(unit => unit.Scores.Skip(1).Average()),
            PValue: BlackBoxResult.PValueOfClass(ranks, set.Versions, set.Unit, options.SequentialLevel is not null)
        );
    }

    private static IEnumerable<int> Ranks(IEnumerable<UnitScores> units) => units.Select(unit => unit.Rank).OfType<int>();
}
