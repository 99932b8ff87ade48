using System.CommandLine;
using Isotope.Datasets;

namespace Isotope.Cli.Commands.Marking;

/// <summary><c>--jpeg-quality</c>: marked images are written as JPEG.</summary>
internal sealed class JpegQualityOption : Option<int?>
{
    public JpegQualityOption()
        : base("--jpeg-quality")
    {
        Description =
            "Write marked images as JPEG of this quality instead (30 to 100), and mark them so that the mark survives it; what is "
            + "recorded of them is what is left then";
        HelpName = "Q";
    }

    /// <summary>JPEG of the quality given; null if none is.</summary>
    /// <exception cref="IsotopeException">The quality is out of range.</exception>
    public ImageEncoding? Read(ParseResult parsed) => parsed.GetValue(this) is { } quality ? ImageEncoding.Jpeg(quality) : null;
}
