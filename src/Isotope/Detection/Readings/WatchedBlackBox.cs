using Isotope.Datasets;
using Isotope.Detection.Classes;
using Isotope.Networks.BlackBoxes;
using Isotope.Runs;

namespace Isotope.Detection.Readings;

/// <summary>
/// A black box whose answers are compared with the classes of the query images as they come. One that recognises nothing is refused before
/// all is asked: it was given images in another way than it was trained, or its classes stand elsewhere.
/// </summary>
/// <remarks>
/// All versions of an image count alike, in an order that does not tell which of them was published, so the test stays exact.
/// </remarks>
/// <param name="inner">The model.</param>
/// <param name="classes">Where the query images' classes are among its outputs.</param>
/// <param name="versions">Versions of each image.</param>
/// <param name="check">Refuses it.</param>
internal sealed class WatchedBlackBox(BlackBox inner, ClassReading classes, int versions, ReadingCheck check)
    : BlackBox(inner.Classes, inner.Gives)
{
    private readonly int enough = ReadingCheck.FewestImages * versions;
    private int answered;
    private double right;
    private double confidence;
    private bool isChecked;

    /// <inheritdoc/>
    internal override bool HasAnswers => inner.HasAnswers;

    /// <inheritdoc/>
    public override IReadOnlyList<Answer> Ask(
        IReadOnlyList<LabelledImage> images,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var first = HasAnswers ? images.Count : Math.Clamp(enough - answered, 0, images.Count);
        List<Answer> answers = [];
        foreach (
            var part in (LabelledImage[][])
                [
                    [.. images.Take(first)],
                    [.. images.Skip(first)],
                ]
        )
        {
            if (part.Length == 0)
                continue;
            answers.AddRange(inner.Ask(part, new PartProgress(progress, answers.Count, images.Count), cancellation));
            Queries = inner.Queries;
            foreach (var (image, answer) in part.Zip(answers.Skip(answers.Count - part.Length)))
                Add(image, answer);
            if (answered >= enough && !isChecked)
                Check();
        }

        return answers;
    }

    /// <summary>How it did on all images asked about.</summary>
    /// <exception cref="IsotopeException">It recognises nothing.</exception>
    public NetworkReading Finish()
    {
        if (!isChecked)
            Check();
        return Reading();
    }

    private void Check()
    {
        isChecked = true;
        check.RequireAnswers(classes.Model, Classes, Reading());
    }

    /// <summary>The versions of an image are so alike that they count as one.</summary>
    private NetworkReading Reading()
    {
        var share = right / Math.Max(1, answered);
        var told = classes.Classes.Count(c => !c.IsLeftOut);
        var isProbable = Gives == OutputKind.Probabilities;
        return new NetworkReading(answered / versions, 1.0 / told, share, share, isProbable ? confidence / Math.Max(1, answered) : null);
    }

    private void Add(LabelledImage image, Answer answer)
    {
        answered++;
        var own = classes.Classes[image.Label].Outputs;
        if (answer.Loss is { } loss)
            right += Math.Exp(-loss);
        else if (answer.TopLabels is { } labels)
            right += own.Contains(labels[0]) ? 1 : 0;
        else if (answer.Probabilities is { } probabilities)
        {
            var largest = probabilities.Max();
            confidence += largest;
            right += own.Any(output => probabilities[output] == largest) ? 1 : 0;
        }
    }

    /// <summary>Progress of a part, counted with what was answered before.</summary>
    private sealed class PartProgress(IProgress<StageProgress>? whole, int before, int images) : IProgress<StageProgress>
    {
        public void Report(StageProgress value) => whole?.Report(value with { Done = before + value.Done, Total = images });
    }
}
