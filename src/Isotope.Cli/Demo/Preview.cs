using Isotope.Datasets;
using Isotope.Files;

namespace Isotope.Cli.Demo;

/// <summary>A picture to look at: some images vanilla, radioactive, and their difference, enlarged.</summary>
internal static class Preview
{
    private const int Columns = 10;
    private const int Zoom = 3;
    private const int Margin = 4;
    private const int Amplification = 16;

    /// <summary>One column per class, three rows: vanilla, radioactive, difference × 16 around grey.</summary>
    public static void Write(Dataset vanilla, Manifest manifest, string markedFolder, string path)
    {
        var chosen = manifest.Images.DistinctBy(image => image.ClassName).Take(Columns);
        var sheet = Arrange([.. chosen.Select(ColumnOf)]);
        AtomicFile.Write(path, stream => stream.Write(ImageCodec.EncodePng(sheet)));

        PixelImage[] ColumnOf(MarkedImage image)
        {
            var original = ImageCodec.Decode(Path.Combine(vanilla.Root, image.Id));
            var marked = ImageCodec.Decode(Path.Combine(markedFolder, image.File));
            return [original, marked, Difference(original, marked)];
        }
    }

    private static PixelImage Difference(PixelImage vanilla, PixelImage marked)
    {
        var changes = vanilla.Pixels.Zip(marked.Pixels, (before, after) => 128 + Amplification * (after - before));
        return vanilla with { Pixels = [.. changes.Select(value => (byte)Math.Clamp(value, 0, 255))] };
    }

    private static PixelImage Arrange(PixelImage[][] columns)
    {
        var first = columns[0][0];
        var cellWidth = first.Width * Zoom + Margin;
        var cellHeight = first.Height * Zoom + Margin;
        var width = columns.Length * cellWidth + Margin;
        var height = columns[0].Length * cellHeight + Margin;
        var sheet = new PixelImage(width, height, 1, new byte[width * height]);
        Array.Fill(sheet.Pixels, byte.MaxValue);
        for (var column = 0; column < columns.Length; column++)
        for (var row = 0; row < columns[column].Length; row++)
            Paste(sheet, columns[column][row], Margin + column * cellWidth, Margin + row * cellHeight);
        return sheet;
    }

    private static void Paste(PixelImage sheet, PixelImage image, int left, int top)
    {
        for (var y = 0; y < image.Height * Zoom; y++)
        for (var x = 0; x < image.Width * Zoom; x++)
            sheet.Pixels[(top + y) * sheet.Width + left + x] = image.Pixels[(y / Zoom * image.Width + x / Zoom) * image.Channels];
    }
}
