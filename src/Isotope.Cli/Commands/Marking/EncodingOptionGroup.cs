using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;

namespace Isotope.Cli.Commands.Marking;

/// <summary>How marked images are written.</summary>
internal sealed class EncodingOptionGroup : OptionGroup
{
    private readonly ChoiceOption<ImageFormat> format = new(
        "--format",
        "What marked images are written as: each in its own format and kind, with its name, or losslessly as PNG, WebP or NumPy arrays "
            + "of bytes, so that files tell which are marked",
        "original",
        ("original", ImageFormat.Original),
        ("png", ImageFormat.Png),
        ("webp", ImageFormat.WebP),
        ("npy", ImageFormat.Npy)
    );
    private readonly JpegQualityOption jpegQuality = new();

    public override IReadOnlyList<Option> Options => [format, jpegQuality];

    /// <exception cref="IsotopeException">Both are given, or the quality is out of range.</exception>
    public ImageEncoding Read(ParseResult parsed)
    {
        var lossless = format.Read(parsed);
        if (parsed.GetValue(jpegQuality) is not null && lossless != ImageFormat.Original)
            throw new IsotopeException($"--jpeg-quality: expected no --format beside it, found {parsed.GetValue(format)}");
        return jpegQuality.Read(parsed) ?? new ImageEncoding(lossless);
    }
}
