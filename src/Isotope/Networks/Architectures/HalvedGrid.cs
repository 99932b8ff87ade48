using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The 7 × 7 convolution of stride 2 at the start of ImageNet networks, computed as a 4 × 4 convolution of stride 1 in which each 2 × 2
/// pixels of 3 channels are one of 12. The sums are the same, and the gradient with respect to the input costs half.
/// </summary>
internal static class HalvedGrid
{
    private const int Kernel = 7;
    private const int Padding = 3;

    /// <summary>Whether a convolution is of that kind; its padding is 3 in every architecture.</summary>
    public static bool Fits(Tensor weight, long stride) => weight.shape is [_, 3, Kernel, Kernel] && stride == 2;

    /// <summary>The weight O × 3 × 7 × 7 as O × 12 × 4 × 4; a row and a column of zeros in front make the sides even.</summary>
    public static Tensor Weight(Tensor weight)
    {
        using var scope = NewDisposeScope();
        var (outputs, inputs) = (weight.shape[0], weight.shape[1]);
        var pairs = nn.functional.pad(weight, [1, 0, 1, 0]).view(outputs, inputs, 4, 2, 4, 2);
        return pairs.permute(0, 1, 3, 5, 2, 4).reshape(outputs, 4 * inputs, 4, 4).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Images N × 3 × H × W, padded as the convolution pads them, as N × 12 × (⌈H/2⌉+3) × (⌈W/2⌉+3), channels last in memory.
    /// Differentiable.
    /// </summary>
    public static Tensor Of(Tensor images)
    {
        using var scope = NewDisposeScope();
        var (count, channels) = (images.shape[0], images.shape[1]);
        var (height, width) = (images.shape[2], images.shape[3]);
        var rows = (height + 1) / 2 + Padding;
        var columns = (width + 1) / 2 + Padding;
        const int before = Padding + 1;
        var padded = nn.functional.pad(images, [before, 2 * columns - width - before, before, 2 * rows - height - before]);
        var pairs = padded.view(count, channels, rows, 2, columns, 2);
        var halved = pairs.permute(0, 2, 4, 1, 3, 5).reshape(count, rows, columns, 4 * channels);
        return halved.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
