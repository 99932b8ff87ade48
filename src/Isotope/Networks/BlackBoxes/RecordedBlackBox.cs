using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Runs;

namespace Isotope.Networks.BlackBoxes;

/// <summary>
/// A black box whose answers are written to a journal as they come, so that no image is asked about twice, in this run or a later one, and
/// not more images than a budget allows. Images are told apart by the hash of their file. A request that fails is no query; an answer that
/// a kill keeps from the journal is asked for again.
/// </summary>
public sealed class RecordedBlackBox : BlackBox
{
    private readonly BlackBox inner;
    private readonly OutputLock claim;
    private readonly Journal<RecordedAnswer> journal;
    private readonly int batchSize;
    private readonly long? budget;
    private readonly Dictionary<string, Answer> known = [];

    private RecordedBlackBox(BlackBox inner, OutputLock claim, Journal<RecordedAnswer> journal, int batchSize, long? budget)
        : base(inner.Classes, inner.Gives)
    {
        (this.inner, this.claim, this.journal, this.batchSize, this.budget) = (inner, claim, journal, batchSize, budget);
        foreach (var entry in journal.Read())
        {
            CheckedAnswer.Of(journal.Path, entry.Answer, inner.Classes); // as it was given, to the last bit, it goes on
            known[entry.Image] = entry.Answer;
        }
    }

    /// <summary>Records a black box, which is disposed of with this one.</summary>
    /// <param name="inner">What is asked.</param>
    /// <param name="journal">The journal's file; one that is there is gone on with.</param>
    /// <param name="settings">What decides the answers.</param>
    /// <param name="batchSize">Images between two writes to the journal.</param>
    /// <param name="budget">Most images to ask about, with those of earlier runs in the journal; null for no limit.</param>
    /// <exception cref="IsotopeException">The journal is of other settings or another run's, or can't be written.</exception>
    public static RecordedBlackBox Open(BlackBox inner, string journal, JsonObject settings, int batchSize, long? budget = null)
    {
        OptionCheck.Require(budget is null or >= 1, "--query-budget", "at least 1 image", budget);
        var claim = OutputLock.Take(journal);
        try
        {
            return new(
                inner,
                claim,
                Journal<RecordedAnswer>.Open(journal, settings, RecordedAnswerJson.Default.RecordedAnswer, entry => entry.Image),
                batchSize,
                budget
            );
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Answer> Ask(
        IReadOnlyList<LabelledImage> images,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        string[] keys = [.. images.Select(image => KeyOf(image, Gives, cancellation))];
        var missing = keys.Zip(images).Where(pair => !known.ContainsKey(pair.First)).DistinctBy(pair => pair.First).ToArray();
        OptionCheck.Require(
            budget is null || known.Count + missing.Length <= budget,
            "--query-budget",
            $"at least {known.Count + missing.Length} ({known.Count} images answered already, {missing.Length} more to ask about)",
            budget
        );
        var asked = 0;
        foreach (var batch in missing.Chunk(batchSize))
        {
            Record([
                .. batch.Zip(
                    inner.Ask([.. batch.Select(pair => pair.Second)], progress: null, cancellation),
                    (pair, answer) => new RecordedAnswer(pair.First, answer)
                ),
            ]);
            asked += batch.Length;
            progress?.Report(new StageProgress("asking", images.Count - missing.Length + asked, images.Count));
        }

        return [.. keys.Select(key => known[key])];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        journal.Dispose();
        claim.Dispose();
        inner.Dispose();
        base.Dispose(disposing);
    }

    private void Record(IReadOnlyList<RecordedAnswer> answers)
    {
        journal.Append(answers);
        foreach (var (image, answer) in answers)
            known.Add(image, answer);
        Queries = inner.Queries;
    }

    /// <summary>What an answer is of; a loss depends on the class too.</summary>
    internal static string KeyOf(LabelledImage image, OutputKind gives, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var hash = image.Source.Sha256();
        return gives == OutputKind.Loss ? $"{hash} {image.Label}" : hash;
    }
}

/// <summary>A line of the journal.</summary>
internal sealed record RecordedAnswer([property: JsonRequired] string Image, [property: JsonRequired] Answer Answer);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(RecordedAnswer))]
internal sealed partial class RecordedAnswerJson : JsonSerializerContext;
