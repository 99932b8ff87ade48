using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Networks.BlackBoxes;
using Isotope.Networks.BlackBoxes.Predictions;
using Isotope.Runs;
using Isotope.Statistics;

namespace Isotope.Detection.BlackBoxes;

/// <summary>
/// The black-box test of paper §3.5 in an exact form: does the model score published marks above the marks that other keys, drawn alike,
/// would have made? To a model that never saw the published version it is one of K exchangeable ones, so that its rank is uniform.
/// </summary>
/// <remarks>
/// Versions with equal scores are ordered by their names, which the key has drawn: ranks stay exactly uniform. A unit whose versions are
/// all equal is left out, which is exact too since it does not depend on which of them is published.
/// </remarks>
public sealed class BlackBoxTest
{
    /// <summary>
    /// Units are asked about together until they have this many images: their answers are in memory, and a file of predictions is read once
    /// for them.
    /// </summary>
    private const int ImagesAtATime = 16_384;

    /// <summary>The same of the sequential test, which looks at the answers no more often; those of a file are there already.</summary>
    private const int ImagesAtALook = 64;

    private readonly QuerySet set;
    private readonly BlackBoxOptions options;
    private readonly IReadOnlyList<ExchangeUnit> plan;
    private readonly List<UnitScores> units = [];
    private RankBets bets;

    /// <summary>Fixes what will be asked.</summary>
    /// <param name="set">Index of the query images.</param>
    /// <param name="folder">The query images.</param>
    /// <param name="key">The owner's key.</param>
    /// <param name="options">Budget and kind of test.</param>
    /// <exception cref="IsotopeException">Another key's images, changed files, or an option out of range.</exception>
    public BlackBoxTest(QuerySet set, string folder, CarrierKey key, BlackBoxOptions options)
    {
        options.Validate();
        if (!set.IsOfKey(key.Commitment))
            throw new IsotopeException($"{QuerySet.IndexFor(folder)}: expected query images of this key, found another key's");
        (this.set, this.options) = (set, options);
        plan = QueryPlan.Of(set, folder, key, options);
        if (!RankTest.IsFeasible(plan.Count, set.Versions))
            throw new IsotopeException(
                $"--query-budget: expected fewer units than {plan.Count} in {set.Versions} versions, since the exact law of their ranks "
                    + "takes hours; lower it"
            );
        bets = new RankBets(set.Versions);
    }

    /// <summary>Asks the suspect and tests its answers.</summary>
    /// <param name="suspect">The model that is tested.</param>
    /// <param name="reference">A vanilla model of the owner's, whose scores are taken off: what any model makes of a version cancels. Null
    /// for none.</param>
    /// <param name="progress">Images asked about.</param>
    /// <param name="cancellation">Passed on to the models.</param>
    /// <exception cref="IsotopeException">Other classes than the query set's, or a model that does not answer.</exception>
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
        units.Clear();
        bets = new RankBets(set.Versions);
        var asking = new AskingProgress(progress, plan.Sum(unit => unit.Images.LongCount()) * (reference is null ? 1 : 2));
        foreach (var chunk in Chunks(suspect))
        {
            var answers = Ask(suspect, chunk, asking, cancellation);
            var expected = reference is null ? null : Ask(reference, chunk, asking, cancellation);
            foreach (var unit in chunk)
                Add(UnitScores.Of(unit, answers, expected));
            if (Rejected)
                break;
        }

        return Result(suspect);
    }

    private bool Rejected => options.SequentialLevel is { } level && bets.LogLargest >= -Math.Log(level);

    private static IEnumerable<int> Ranks(IEnumerable<UnitScores> scores) => scores.Select(unit => unit.Rank).OfType<int>();

    private void Add(UnitScores unit)
    {
        units.Add(unit);
        if (unit.Rank is { } rank)
            bets.Add(rank);
    }

    private IEnumerable<ExchangeUnit[]> Chunks(BlackBox suspect)
    {
        var images = options.SequentialLevel is null || suspect is PredictionFile ? ImagesAtATime : ImagesAtALook;
        return plan.Count == 0 ? [] : plan.Chunk(Math.Max(1, images / plan[0].Images.Count()));
    }

    private static Dictionary<LabelledImage, Answer> Ask(
        BlackBox model,
        ExchangeUnit[] chunk,
        AskingProgress progress,
        CancellationToken cancellation
    )
    {
        // In the order of their names, which tells nothing about versions.
        LabelledImage[] images = [.. chunk.SelectMany(unit => unit.Images).OrderBy(image => image.Id, StringComparer.Ordinal)];
        var answers = images.Zip(model.Ask(images, progress, cancellation)).ToDictionary(pair => pair.First, pair => pair.Second);
        progress.Add(images.Length);
        return answers;
    }

    private void RequireClasses(BlackBox model, string option)
    {
        if (model.Classes != set.ClassNames.Count)
            throw new IsotopeException(
                $"{option}: expected {set.ClassNames.Count} classes, as many as the query images have, found {model.Classes}"
            );
    }

    private BlackBoxResult Result(BlackBox suspect)
    {
        double[] gaps = [.. units.SelectMany(unit => unit.LossGaps)];
        return new BlackBoxResult(
            suspect.Gives,
            set.Unit,
            set.Versions,
            [.. units.Select(unit => new UnitRank(unit.ClassName, unit.Rank))],
            plan.Count,
            options.SequentialLevel is null ? RankTest.Combine([.. Ranks(units)], set.Versions) : bets.PValue,
            options.SequentialLevel is { } level ? new SequentialResult(level, Rejected) : null,
            [.. set.ClassNames.GroupJoin(units, name => name, unit => unit.ClassName, OfClass).OfType<ClassRanks>()],
            gaps.Length > 0 ? LossGap.Of(gaps) : null,
            suspect.Queries,
            options.QueryBudget
        );
    }

    private ClassRanks? OfClass(string name, IEnumerable<UnitScores> scores)
    {
        UnitScores[] ofClass = [.. scores];
        if (ofClass.Length == 0)
            return null;
        int[] ranks = [.. Ranks(ofClass)];
        return new ClassRanks(
            name,
            ofClass.Length,
            ofClass.Length - ranks.Length,
            ranks.Length > 0 ? ranks.Average() : null,
            ofClass.Average(unit => unit.Scores[0]),
            ofClass.Average(unit => unit.Scores.Skip(1).Average()),
            BlackBoxResult.PValueOfClass(ranks, set.Versions, set.Unit, options.SequentialLevel is not null)
        );
    }
}
