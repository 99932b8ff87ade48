using Isotope.Networks;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// Image + carrier → radioactive image (paper §3.3). Images are marked in groups, as many as are fast and fit into memory; each one's
/// result depends on itself, its carrier and its random stream alone.
/// </summary>
public sealed class Marker
{
    /// <summary>Views of a step: 16 fill a network's smallest batch; more of them, of small images, a million pixels.</summary>
    private const int LeastViews = 16;
    private const int ViewPixels = 1 << 20;

    /// <summary>Pixels of images that are marked together, which bounds memory: five floats for each channel of them.</summary>
    private const long ImagePixels = 1 << 24;
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
    /// Minimises the marking objective over pixels: gradient, step, project, and round.
    /// </summary>
    /// <param name="originals">Vanilla images, C × H × W each and of any sizes, integers 0…255 as floats.</param>
    /// <param name="carriers">The carrier of each image's class, N × d.</param>
    /// <param name="streams">Each image's random stream, from which its views are drawn.</param>
    /// <param name="cancellation">Checked at every iteration.</param>
    /// <returns>Radioactive images: same shapes, integers 0…255 as floats.</returns>
    public IReadOnlyList<Tensor> Mark(
        IReadOnlyList<Tensor> originals,
        Tensor carriers,
        IReadOnlyList<RandomStream> streams,
        CancellationToken cancellation = default
    )
    {
        var (images, randoms) = (originals.ToArray(), streams.ToArray());
        var marked = new List<Tensor>(images.Length);
        while (marked.Count < images.Length)
        {
            var group = marked.Count..GroupEnd(images, marked.Count);
            using var directions = carriers[group];
            marked.AddRange(MarkGroup(images[group], directions, randoms[group], cancellation));
        }

        return marked;
    }

    /// <summary>Where the group of images ends that are marked together from one on.</summary>
    private int GroupEnd(Tensor[] originals, int start)
    {
        var most = Math.Max(LeastViews, ViewPixels / (network.Input.Size * network.Input.Size));
        var (end, pixels) = (start, 0L);
        do pixels += originals[end].shape[1] * originals[end].shape[2];
        while (++end < originals.Length && end - start < most && pixels < ImagePixels);
        return end;
    }

    private Tensor[] MarkGroup(Tensor[] originals, Tensor carriers, RandomStream[] streams, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        ImageInProgress[] images = [.. originals.Select((original, i) => new ImageInProgress(original, network, options, streams[i]))];
        var vanillaFeatures = network.CentreFeatures(originals);
        for (var t = 1; t <= options.Iterations; t++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var iteration = NewDisposeScope();
            var gradients = Gradients(images, carriers, vanillaFeatures);
            for (var i = 0; i < images.Length; i++)
                images[i].Move(gradients[i]);
        }

        return [.. images.Select(image => image.Finish().MoveToOuterDisposeScope())];
    }

    /// <summary>
    /// Gradients in the pixels of each image's view θ of −(φ₀(F(θ,x̃)) − φ₀(F(θ₀,x)))ᵀu + λ₂‖φ₀(F(θ,x̃)) − φ₀(F(θ₀,x))‖, for a new θ of
    /// each image and the centre crop θ₀. Summed over images, so that each one's gradient is its own.
    /// </summary>
    private IList<Tensor> Gradients(ImageInProgress[] images, Tensor carriers, Tensor vanillaFeatures)
    {
        Tensor[] regions = [.. images.Select(image => image.NextRegion())];
        var views = stack(images.Select((image, i) => image.Look(regions[i])));
        var shift = network.Features(views) - vanillaFeatures;
        var loss = shift.norm(dim: 1).sum().Times(options.FeaturePenalty) - (shift * carriers).sum();
        return autograd.grad([loss], regions);
    }
}
