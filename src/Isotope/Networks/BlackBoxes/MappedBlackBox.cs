using Isotope.Datasets;
using Isotope.Runs;

namespace Isotope.Networks.BlackBoxes;

/// <summary>
/// A black box whose answers are read as the owner's classes: the probability of an image's class is the sum of those of the outputs that
/// stand for it, and a label among them is that class. Of the other outputs only their sum is kept.
/// </summary>
internal sealed class MappedBlackBox : BlackBox
{
    private readonly BlackBox inner;
    private readonly IReadOnlyList<IReadOnlyList<int>> outputs;

    /// <param name="inner">The model, which it owns.</param>
    /// <param name="outputs">The outputs that stand for each of the owner's classes, two or more.</param>
    /// <exception cref="IsotopeException">A loss is wanted of several outputs.</exception>
    public MappedBlackBox(BlackBox inner, IReadOnlyList<IReadOnlyList<int>> outputs)
        : base(outputs.Count, inner.Gives)
    {
        if (inner.Gives == OutputKind.Loss && outputs.Any(of => of.Count > 1))
            throw new IsotopeException(
                $"--access loss: expected one output for each class in --classes, found {outputs.Max(of => of.Count)} for one; ask for "
                    + "probabilities"
            );
        this.inner = inner;
        this.outputs = outputs;
    }

    /// <inheritdoc/>
    internal override bool HasAnswers => inner.HasAnswers;

    /// <inheritdoc/>
    public override IReadOnlyList<Answer> Ask(
        IReadOnlyList<LabelledImage> images,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var asked = Gives == OutputKind.Loss ? [.. images.Select(image => image with { Label = outputs[image.Label][0] })] : images;
        var answers = inner.Ask(asked, progress, cancellation);
        Queries = inner.Queries;
        return [.. answers.Zip(images, (answer, image) => Read(answer, image.Label))];
    }

    private Answer Read(Answer answer, int label)
    {
        var own = outputs[label];
        var other = label == 0 ? 1 : 0;
        if (answer.TopLabels is { } labels)
            return answer with { TopLabels = [.. labels.Select(top => own.Contains(top) ? label : other)] };
        if (answer.Probabilities is not { } probabilities)
            return answer;
        var read = new double[Classes];
        foreach (var (output, probability) in probabilities.Index())
            read[own.Contains(output) ? label : other] += probability;
        return answer with { Probabilities = read };
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }
}
