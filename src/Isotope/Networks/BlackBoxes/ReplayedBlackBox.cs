using Isotope.Datasets;
using Isotope.Files;
using Isotope.Runs;

namespace Isotope.Networks.BlackBoxes;

/// <summary>
/// The answers in a journal: a test can be repeated from them without asking the model. The journal is not trusted.
/// </summary>
internal sealed class ReplayedBlackBox : BlackBox
{
    private readonly string journal;
    private readonly Access access;
    private readonly Dictionary<string, Answer> known;

    private ReplayedBlackBox(string journal, int classes, Access access, Dictionary<string, Answer> known)
        : base(classes, access.Kind)
    {
        this.journal = journal;
        this.access = access;
        this.known = known;
    }

    /// <summary>Reads a journal that a <see cref="RecordedBlackBox"/> wrote.</summary>
    /// <param name="journal">The file.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="access">What the model was asked to return.</param>
    /// <exception cref="IsotopeException">It can't be read.</exception>
    public static ReplayedBlackBox Open(string journal, int classes, Access access)
    {
        Dictionary<string, Answer> known = [];
        return UntrustedFile.Guard(
            journal,
            () =>
            {
                foreach (var entry in Journal<RecordedAnswer>.Entries(journal, RecordedAnswerJson.Default.RecordedAnswer))
                    known[entry.Image] = entry.Answer;
                return new ReplayedBlackBox(journal, classes, access, known);
            }
        );
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Answer> Ask(
        IReadOnlyList<LabelledImage> images,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        Answer[] answers = [.. images.Select(image => Of(image, cancellation))];
        Queries += images.Count;
        return answers;
    }

    private Answer Of(LabelledImage image, CancellationToken cancellation)
    {
        var where = $"{journal}, {image.Id}";
        if (!known.TryGetValue(RecordedBlackBox.KeyOf(image, Gives, cancellation), out var answer))
            throw new IsotopeException($"{where}: expected an answer, found none");
        return access.Of(CheckedAnswer.Of(where, answer, Classes), image.Label, where);
    }
}
