using Isotope.Datasets;
using Isotope.Runs;

namespace Isotope.Networks.BlackBoxes;

/// <summary>What a black box tells of an image, from most to least.</summary>
public enum OutputKind
{
    /// <summary>A probability for every class.</summary>
    Probabilities,

    /// <summary>The loss of the true class, −ln p.</summary>
    Loss,

    /// <summary>The most probable labels, best first.</summary>
    TopLabels,

    /// <summary>The most probable label alone.</summary>
    Label,
}

/// <summary>What a model said of one image; what it does not give is null.</summary>
public sealed record Answer
{
    /// <summary>Probabilities below are taken as this.</summary>
    private const double SmallestProbability = 1e-12;

    /// <summary>A probability for every class.</summary>
    public IReadOnlyList<double>? Probabilities { get; init; }

    /// <summary>The most probable labels, best first; a single one where the model gives its label alone.</summary>
    public IReadOnlyList<int>? TopLabels { get; init; }

    /// <summary>The loss of the true class, −ln p.</summary>
    public double? Loss { get; init; }

    /// <summary>−ln p, finite: a service that rounds gives 0.</summary>
    internal static double LossOf(double probability) => -Math.Log(Math.Max(probability, SmallestProbability));
}

/// <summary>A model of which only outputs are seen (paper §3.5).</summary>
/// <param name="classes">Number of classes.</param>
/// <param name="gives">What it tells.</param>
public abstract class BlackBox(int classes, OutputKind gives) : IDisposable
{
    /// <summary>Number of classes.</summary>
    public int Classes { get; } = classes;

    /// <summary>What every answer holds.</summary>
    public OutputKind Gives { get; } = gives;

    /// <summary>Images that the model was asked about so far; answers that an earlier run had got already do not count.</summary>
    public long Queries { get; protected set; }

    /// <summary>Asks about images, in any batches; their labels are told only where the model gives a loss.</summary>
    /// <param name="images">Images, by id (how a file of predictions names them) and path.</param>
    /// <param name="progress">Images answered.</param>
    /// <param name="cancellation">Checked at every batch.</param>
    /// <returns>One answer per image, in the order of the images.</returns>
    /// <exception cref="IsotopeException">An image can't be read, or the model does not answer it.</exception>
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

    /// <summary>Releases what the kind holds.</summary>
    protected virtual void Dispose(bool disposing) { }
}
