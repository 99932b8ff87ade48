using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Isotope.Datasets;

/// <summary>Converts images and their crops to tensors, in grey levels 0…255.</summary>
internal static class Views
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
    public static Tensor[] ToTensors(IReadOnlyList<PixelImage> images, Device device) =>
        [.. images.Select(image => ToTensor(image).to(device))];

    /// <summary>The bytes, channels last, of a C × H × W tensor of integers 0…255.</summary>
    public static byte[] ToBytes(Tensor image)
    {
        using var scope = NewDisposeScope();
        return image.permute(1, 2, 0).to(uint8).contiguous().cpu().bytes.ToArray();
    }

    /// <summary>The largest absolute value of each cell of a C × H × W tensor, row by row; the last cells may be smaller.</summary>
    public static float[] LargestOfCells(Tensor values, (int Width, int Height) cell)
    {
        using var scope = NewDisposeScope();
        var largest = values.abs().amax([0], keepdim: true).unsqueeze(0);
        var cells = nn.functional.max_pool2d(largest, [cell.Height, cell.Width], strides: [cell.Height, cell.Width], ceil_mode: true);
        return [.. MemoryMarshal.Cast<byte, float>(cells.contiguous().cpu().bytes)];
    }

    /// <summary>
    /// A crop of a C × H × W image, resized to C × <paramref name="size"/> × <paramref name="size"/> by antialiased bilinear interpolation
    /// if its size differs. Differentiable.
    /// </summary>
    public static Tensor Take(Tensor image, Crop crop, int size)
    {
        using var region = Region(image, crop);
        return OfRegion(region, (int)image.shape[2], (int)image.shape[1], crop, size);
    }

    /// <summary>The part of a C × H × W image inside a crop. It shares the image's memory.</summary>
    public static Tensor Region(Tensor image, Crop crop)
    {
        using var scope = NewDisposeScope();
        var (left, top, right, bottom) = Visible(crop, image.shape[2], image.shape[1]);
        return image.narrow(1, top, bottom - top).narrow(2, left, right - left).MoveToOuterDisposeScope();
    }

    /// <summary>The result of <see cref="Take"/>, given only the part of the image inside the crop. Differentiable.</summary>
    /// <param name="region">The part of the image inside the crop (<see cref="Region"/>).</param>
    /// <param name="width">The width of the whole image.</param>
    /// <param name="height">The height of the whole image.</param>
    /// <param name="crop">The crop.</param>
    /// <param name="size">The side of the result.</param>
    public static Tensor OfRegion(Tensor region, int width, int height, Crop crop, int size)
    {
        using var scope = NewDisposeScope();
        var seen = Visible(crop, width, height);
        var (right, bottom) = (crop.Left + crop.Width, crop.Top + crop.Height);
        var border = (seen.Left - crop.Left, right - seen.Right, seen.Top - crop.Top, bottom - seen.Bottom);
        var view = border == (0, 0, 0, 0) ? region.alias() : nn.functional.pad(region, border);
        if (crop.Width != size || crop.Height != size)
            view = Resize(view.unsqueeze(0), size).squeeze(0);
        if (crop.Flip)
            view = view.flip(2);
        return view.MoveToOuterDisposeScope();
    }

    /// <summary>One crop of each image, N × 3 × size × size. Grey images get three equal channels. Differentiable.</summary>
    /// <param name="images">N images of any sizes, each C × H × W.</param>
    /// <param name="draw">Gives the crop of the image at an index.</param>
    /// <param name="size">The side of the result.</param>
    public static Tensor Stack(IReadOnlyList<Tensor> images, Func<int, Crop> draw, int size)
    {
        using var scope = NewDisposeScope();
        return stack(images.Select((image, i) => Take(image, draw(i), size).expand(3, size, size))).MoveToOuterDisposeScope();
    }

    private static Tensor Resize(Tensor images, long size) =>
        nn.functional.interpolate(images, [size, size], mode: InterpolationMode.Bilinear, align_corners: false, antialias: true);

    /// <summary>The part of a crop inside the image.</summary>
    private static (long Left, long Top, long Right, long Bottom) Visible(Crop crop, long width, long height) =>
        (Math.Max(0, crop.Left), Math.Max(0, crop.Top), Math.Min(width, crop.Left + crop.Width), Math.Min(height, crop.Top + crop.Height));
}
