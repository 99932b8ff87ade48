using Isotope.Networks;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// Makes radioactive images from vanilla images and carriers (paper §3.3). Images are marked in groups that are fast and fit into memory;
/// the result for each image depends only on the image, its carrier and its random stream.
/// </summary>
internal sealed class Marker
{
    /// <summary>The most images in a group: a million pixels of views, but at least 16 views, the network's smallest batch.</summary>
    private const int LeastViews = 16;
    private const int ViewPixels = 1 << 20;

    /// <summary>The most pixels in a group, but for its last image. Each takes five floats of memory for every channel.</summary>
    private const long ImagePixels = 1 << 24;
    private readonly Network network;
    private readonly MarkingOptions options;

    /// <summary>Makes a marker.</summary>
    /// <param name="network">The marking network φ₀, frozen.</param>
    /// <param name="options">How images are marked.</param>
    /// <exception cref="IsotopeException">An option is out of range.</exception>
    public Marker(Network network, MarkingOptions options)
    {
        options.Validate();
        this.network = network;
        this.options = options;
    }

    /// <summary>Minimises the marking objective over pixels, by projected gradient descent and rounding.</summary>
    /// <param name="originals">N vanilla images of any sizes, each C × H × W, integers 0…255 as floats.</param>
    /// <param name="carriers">The carrier of each image, N × d.</param>
    /// <param name="streams">The random stream of each image, from which its views are drawn.</param>
    /// <param name="jpegs">The changes of images that stay JPEGs; null for other images, or if there are none.</param>
    /// <param name="cancellation">Checked at every iteration.</param>
    /// <returns>The radioactive images: same shapes, integers 0…255 as floats.</returns>
    internal IReadOnlyList<Tensor> Mark(
        IReadOnlyList<Tensor> originals,
        Tensor carriers,
        IReadOnlyList<RandomStream> streams,
        IReadOnlyList<JpegChange?>? jpegs = null,
        CancellationToken cancellation = default
    )
    {
        var images = originals.ToArray();
        var changes = jpegs?.ToArray() ?? new JpegChange?[images.Length];
        var randoms = streams.ToArray();
        var marked = new List<Tensor>(images.Length);
        while (marked.Count < images.Length)
        {
            var group = marked.Count..GroupEnd(images, marked.Count);
            using var directions = carriers[group];
            marked.AddRange(MarkGroup(images[group], directions, randoms[group], changes[group], cancellation));
        }

        return marked;
    }

    /// <summary>The end of the group that begins at an image.</summary>
    private int GroupEnd(Tensor[] originals, int start)
    {
        var most = Math.Max(LeastViews, ViewPixels / (network.Input.Size * network.Input.Size));
        var end = start;
        var pixels = 0L;
        do pixels += originals[end].shape[1] * originals[end].shape[2];
        while (++end < originals.Length && end - start < most && pixels < ImagePixels);
        return end;
    }

    private Tensor[] MarkGroup(
        Tensor[] originals,
        Tensor carriers,
        RandomStream[] streams,
        JpegChange?[] jpegs,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        ImageInProgress[] images =
        [
            .. originals.Select((original, i) => new ImageInProgress(original, network, options, streams[i], jpegs[i])),
        ];
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
    /// Gradients of −(φ₀(F(θ,x̃)) − φ₀(F(θ₀,x)))ᵀu + λ₂‖φ₀(F(θ,x̃)) − φ₀(F(θ₀,x))‖ with respect to the pixels of each image's view, for a
    /// new view θ of each image and the centre crop θ₀. The loss is a sum over images, so each image gets the gradient of its own term.
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
