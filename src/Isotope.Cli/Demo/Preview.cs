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
        PixelImage[][] columns =
        [
            .. chosen.Select(image =>
                Column(ImageCodec.Decode(Path.Combine(vanilla.Root, image.Id)), ImageCodec.Decode(Path.Combine(markedFolder, image.File)))
            ),
        ];
        var sheet = Arrange(columns);
        AtomicFile.Write(path, stream => stream.Write(ImageCodec.EncodePng(sheet)));
    }

    private static PixelImage[] Column(PixelImage vanilla, PixelImage marked) =>
        [
            vanilla,
            marked,
            vanilla with
            {
                Pixels =
                [
                    .. vanilla.Pixels.Zip(
                        marked.Pixels,
                        (before, after) => (byte)Math.Clamp(128 + Amplification * (after - before), 0, 255)
                    ),
                ],
            },
        ];

    private static PixelImage Arrange(PixelImage[][] columns)
    {
        var (width, height) = (columns[0][0].Width * Zoom + Margin, columns[0][0].Height * Zoom + Margin);
        var sheet = new PixelImage(
            columns.Length * width + Margin,
            columns[0].Length * height + Margin,
            1,
            new byte[(columns.Length * width + Margin) * (columns[0].Length * height + Margin)]
        );
        Array.Fill(sheet.Pixels, byte.MaxValue);
        for (var column = 0; column < columns.Length; column++)
        for (var row = 0; row < columns[column].Length; row++)
            Paste(sheet, columns[column][row], Margin + column * width, Margin + row * height);
        return sheet;
    }

    private static void Paste(PixelImage sheet, PixelImage image, int left, int top)
    {
        for (var y = 0; y < image.Height * Zoom; y++)
        for (var x = 0; x < image.Width * Zoom; x++)
            sheet.Pixels[(top + y) * sheet.Width + left + x] = image.Pixels[(y / Zoom * image.Width + x / Zoom) * image.Channels];
    }
}
