using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Isotope.Datasets;
using Isotope.Files;
using Isotope.Runs;

namespace Isotope.Networks.BlackBoxes;

/// <summary>
/// A black box whose answers go to a journal as they come, so that neither this run nor a later one asks about an image twice, or about
/// more images than a budget allows. Images are identified by the hash of their file. A failed request does not count as a query. If a run
/// is killed before an answer reaches the journal, its image is asked about again.
/// </summary>
internal sealed class RecordedBlackBox : BlackBox
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
        this.inner = inner;
        this.claim = claim;
        this.journal = journal;
        this.batchSize = batchSize;
        this.budget = budget;
        foreach (var entry in journal.Read())
        {
            CheckedAnswer.Of(journal.Path, entry.Answer, inner.Classes); // the answer itself stays as it was given, to the last bit
            known[entry.Image] = entry.Answer;
        }
    }

    /// <summary>Records a black box, which is disposed with this one.</summary>
    /// <param name="inner">The black box to ask.</param>
    /// <param name="journal">The journal's file; an existing one is continued.</param>
    /// <param name="settings">Everything that decides the answers.</param>
    /// <param name="batchSize">Images between two writes to the journal.</param>
    /// <param name="budget">Most images to ask about, including those that the journal holds from earlier runs; null for no limit.</param>
    /// <exception cref="IsotopeException">The journal has other settings, is in use by another run, or can't be written.</exception>
    public static RecordedBlackBox Open(BlackBox inner, string journal, JsonObject settings, int batchSize, long? budget = null)
    {
        OptionCheck.Require(budget is null or >= 1, "--query-budget", "at least 1 image", budget);
        var claim = OutputLock.Take(journal);
        try
        {
            var entries = Journal<RecordedAnswer>.Open(journal, settings, RecordedAnswerJson.Default.RecordedAnswer, entry => entry.Image);
            return new(inner, claim, entries, batchSize, budget);
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
        var missing = keys.Zip(images, (key, image) => (Key: key, Image: image))
            .Where(pair => !known.ContainsKey(pair.Key))
            .DistinctBy(pair => pair.Key)
            .ToArray();
        OptionCheck.Require(
            budget is null || known.Count + missing.Length <= budget,
            "--query-budget",
            $"at least {known.Count + missing.Length} ({known.Count} images answered already, {missing.Length} more to ask about)",
            budget
        );
        var asked = 0;
        foreach (var batch in missing.Chunk(batchSize))
        {
            var answers = inner.Ask([.. batch.Select(pair => pair.Image)], progress: null, cancellation);
            Record([.. batch.Zip(answers, (pair, answer) => new RecordedAnswer(pair.Key, answer))]);
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

    /// <summary>The key of an image's answer: the hash of its file, and for a loss, which depends on the class, its label.</summary>
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
