using Isotope.Datasets;
using Isotope.Runs;

namespace Isotope.Networks.BlackBoxes;

/// <summary>What a black box returns for an image, from most to least informative.</summary>
public enum OutputKind
{
    /// <summary>A probability for every class.</summary>
    Probabilities,

    /// <summary>The loss of the true class, −ln p.</summary>
    Loss,

    /// <summary>The most probable labels, best first.</summary>
    TopLabels,

    /// <summary>Only the most probable label.</summary>
    Label,
}

/// <summary>A model's output for one image; what it does not return is null.</summary>
public sealed record Answer
{
    /// <summary>Smaller probabilities are raised to this, so that their loss is finite.</summary>
    private const double SmallestProbability = 1e-12;

    /// <summary>A probability for every class.</summary>
    public IReadOnlyList<double>? Probabilities { get; init; }

    /// <summary>The most probable labels, best first; one if the model returns only its label.</summary>
    public IReadOnlyList<int>? TopLabels { get; init; }

    /// <summary>The loss of the true class, −ln p.</summary>
    public double? Loss { get; init; }

    /// <summary>−ln p, finite even if a service rounds p to 0.</summary>
    internal static double LossOf(double probability) => -Math.Log(Math.Max(probability, SmallestProbability));
}

/// <summary>A model of which only the outputs are known (paper §3.5).</summary>
/// <param name="classes">Number of classes.</param>
/// <param name="gives">What it returns.</param>
public abstract class BlackBox(int classes, OutputKind gives) : IDisposable
{
    /// <summary>Number of classes.</summary>
    public int Classes { get; } = classes;

    /// <summary>What every answer contains.</summary>
    public OutputKind Gives { get; } = gives;

    /// <summary>Number of images asked about so far; answers from an earlier run do not count.</summary>
    public long Queries { get; protected set; }

    /// <summary>Whether the answers exist already, so that asking about fewer images saves nothing.</summary>
    internal virtual bool HasAnswers => false;

    /// <summary>Asks about images, in any batches. Their labels are sent only if the model returns a loss.</summary>
    /// <param name="images">The images; a file of predictions finds them by id, the others read them.</param>
    /// <param name="progress">Number of images answered.</param>
    /// <param name="cancellation">Checked at every batch.</param>
    /// <returns>One answer per image, in the order of the images.</returns>
    /// <exception cref="IsotopeException">An image can't be read, or the model does not answer.</exception>
    public abstract IReadOnlyList<Answer> Ask(
        IReadOnlyList<LabelledImage> images,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default
    );

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases resources.</summary>
    protected virtual void Dispose(bool disposing) { }
}
