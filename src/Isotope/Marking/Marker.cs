using Isotope.Networks;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// Image + carrier → radioactive image (paper §3.3), for batches of images of one shape. Images of a batch do not
/// influence each other.
/// </summary>
public sealed class Marker
{
    private readonly Network network;
    private readonly MarkingOptions options;

    /// <summary>A marker with a frozen marking network φ₀.</summary>
    /// <exception cref="IsotopeException">An option is out of range.</exception>
    public Marker(Network network, MarkingOptions options)
    {
        options.Validate();
        (this.network, this.options) = (network, options);
    }

    /// <summary>
    /// Minimises the marking objective over pixels: gradient, step, project, and every T steps round.
    /// </summary>
    /// <param name="originals">Vanilla images, N × C × H × W, integers 0…255 as floats.</param>
    /// <param name="carriers">The carrier of each image's class, N × d.</param>
    /// <param name="streams">Each image's random stream, from which its views are drawn.</param>
    /// <param name="cancellation">Checked at every iteration.</param>
    /// <returns>Radioactive images: same shape, integers 0…255 as floats.</returns>
    public Tensor Mark(Tensor originals, Tensor carriers, IReadOnlyList<RandomStream> streams, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var objective = new MarkingObjective(network, options, originals, carriers);
        var ball = new PixelBall(originals, options.Radius, options.Psnr);
        using var rule = new StepRule(options, network.GreyLevelsPerUnit(originals.shape[1]), ball);
        var marked = originals.clone();
        for (var t = 1; t <= options.Iterations; t++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var iteration = NewDisposeScope();
            var gradient = objective.Gradient(marked, streams);
            var stepped = marked - rule.Step(gradient);
            var projected = ball.Project(stepped);
            marked.copy_(t % options.RoundEvery == 0 ? projected.round() : projected);
        }

        return ball.RoundInside(marked).MoveToOuterDisposeScope();
    }
}
