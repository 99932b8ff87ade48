using static TorchSharp.torch;

namespace Isotope.Datasets;

/// <summary>Images and their crops as tensors, in grey levels 0…255.</summary>
public static class Views
{
    /// <summary>An image as a new C × H × W float tensor.</summary>
    public static Tensor ToTensor(PixelImage image)
    {
        using var scope = NewDisposeScope();
        var bytes = empty([image.Height, image.Width, image.Channels], uint8);
        image.Pixels.CopyTo(bytes.bytes);
        return bytes.permute(2, 0, 1).to(float32).MoveToOuterDisposeScope();
    }

    /// <summary>Images as new C × H × W float tensors on a device.</summary>
    public static Tensor[] ToTensors(IReadOnlyList<PixelImage> images, Device device) => [.. images.Select(image => ToTensor(image).to(device))];

    /// <summary>The bytes, channels last, of a C × H × W tensor of integers 0…255.</summary>
    public static byte[] ToBytes(Tensor image)
    {
        using var scope = NewDisposeScope();
        return image.permute(1, 2, 0).to(uint8).contiguous().cpu().bytes.ToArray();
    }

    /// <summary>
    /// The crop of a C × H × W image, resized to C × <paramref name="size"/> × <paramref name="size"/> by antialiased
    /// bilinear interpolation where sizes differ. Differentiable.
    /// </summary>
    public static Tensor Take(Tensor image, Crop crop, int size)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (image.shape[1], image.shape[2]);
        long left = Math.Max(0, crop.Left), top = Math.Max(0, crop.Top);
        long right = Math.Min(width, crop.Left + crop.Width), bottom = Math.Min(height, crop.Top + crop.Height);

        var view = image.narrow(1, top, bottom - top).narrow(2, left, right - left);
        (long, long, long, long) border = (left - crop.Left, crop.Left + crop.Width - right, top - crop.Top, crop.Top + crop.Height - bottom);
        if (border != (0, 0, 0, 0)) view = nn.functional.pad(view, border);
        if ((crop.Width, crop.Height) != (size, size))
            view = nn.functional.interpolate(view.unsqueeze(0), [size, size], mode: InterpolationMode.Bilinear, align_corners: false, antialias: true).squeeze(0);
        if (crop.Flip) view = view.flip(2);
        return view.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// One crop of every image: N × 3 × size × size; grey images become three equal channels. Differentiable.
    /// </summary>
    /// <param name="images">Images, C × H × W each, of any sizes.</param>
    /// <param name="draw">The crop of the image at an index.</param>
    /// <param name="size">Side of the result.</param>
    public static Tensor Stack(IReadOnlyList<Tensor> images, Func<int, Crop> draw, int size)
    {
        using var scope = NewDisposeScope();
        return stack(images.Select((image, i) => Take(image, draw(i), size).expand(3, size, size))).MoveToOuterDisposeScope();
    }
}
