using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Isotope.Files;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;

namespace Isotope.Reports;

/// <summary>A plot as vector graphics. Its text and axes take the colour of the surrounding text, light or dark.</summary>
internal sealed partial class Chart
{
    private const double Width = 640;
    private const float PixelsPerPoint = 2;

    /// <summary>Texts are measured in a wide font (<see cref="SkiaCanvas"/>) and drawn in the reader's.</summary>
    private const string MeasuredFont = "Arial";
    private const string DrawnFont = "system-ui,sans-serif";
    private static readonly OxyColor Ink = OxyColors.Black; // becomes currentColor
    private static readonly OxyColor Grid = OxyColor.FromAColor(50, OxyColors.Gray);

    /// <summary>Colours that differ on light and dark backgrounds, and for the colour-blind (Okabe and Ito).</summary>
    internal static readonly IReadOnlyList<OxyColor> Palette =
    [
        OxyColor.FromRgb(0, 114, 178),
        OxyColor.FromRgb(213, 94, 0),
        OxyColor.FromRgb(0, 158, 115),
        OxyColor.FromRgb(204, 121, 167),
        OxyColor.FromRgb(230, 159, 0),
        OxyColor.FromRgb(86, 180, 233),
    ];

    private readonly PlotModel model;
    private readonly double height;

    internal Chart(string description, string across, string up, double height = 300)
    {
        Description = Text(description);
        this.height = height;
        model = new PlotModel
        {
            PlotAreaBorderThickness = new OxyThickness(0),
            TextColor = Ink,
            Background = OxyColors.Undefined,
            DefaultFontSize = 12,
            Padding = new OxyThickness(4, 8, 12, 4),
            DefaultFont = MeasuredFont,
            Culture = CultureInfo.InvariantCulture,
        };
        var bottom = NewAxis(AxisPosition.Bottom, across);
        bottom.AxislineStyle = LineStyle.Solid;
        var left = NewAxis(AxisPosition.Left, up);
        left.TickStyle = TickStyle.None;
        left.MajorGridlineStyle = LineStyle.Solid;
        left.MajorGridlineColor = Grid;
        model.Axes.Add(bottom);
        model.Axes.Add(left);
    }

    /// <summary>What the plot shows, for readers who can't see it.</summary>
    public string Description { get; }

    internal Axis Bottom => model.Axes[0];

    internal Axis Left => model.Axes[1];

    internal PlotModel Model => model;

    /// <summary>Adds the names of the series, above the plot.</summary>
    internal void AddLegend() =>
        model.Legends.Add(
            new Legend
            {
                LegendPlacement = LegendPlacement.Outside,
                LegendPosition = LegendPosition.TopCenter,
                LegendOrientation = LegendOrientation.Horizontal,
                LegendTextColor = Ink,
            }
        );

    /// <summary>A name from a file as a text of the plot, with spaces in place of characters that XML can't hold.</summary>
    internal static string Text(string name) =>
        string.Concat(name.EnumerateRunes().Select(rune => Rune.IsControl(rune) || rune.Value is 0xfffe or 0xffff ? new Rune(' ') : rune));

    /// <summary>The SVG element, to be put into a page or, with <paramref name="alone"/>, into a file of its own.</summary>
    public string ToSvg(bool alone = false)
    {
        var svg = Export();
        svg = Styles().Replace(svg, style => AsAttributes(style.Groups[1].Value));
        svg = Frame().Replace(svg, _ => OpeningTag(alone), 1);
        svg = Clips().Replace(svg, $"$1clip-{Hashes.OfBytes(Encoding.UTF8.GetBytes(svg))[..8]}-"); // ids of a page are unique
        svg = Black().Replace(svg, "$1currentColor");
        return svg.Replace(MeasuredFont, DrawnFont, StringComparison.Ordinal).Trim();
    }

    /// <summary>As a PNG image, on white.</summary>
    public byte[] ToPng() => SkiaCanvas.ToPng(model, Width, height, PixelsPerPoint);

    private static LinearAxis NewAxis(AxisPosition position, string title) =>
        new()
        {
            Position = position,
            Title = Text(title),
            TicklineColor = Ink,
            AxislineColor = Ink,
            MinorTickSize = 0,
            MinimumPadding = 0.04,
            MaximumPadding = 0.04,
            AxisTitleDistance = 14,
        };

    private string Export()
    {
        using var stream = new MemoryStream();
        using var nowhere = new SkiaSharp.SKNoDrawCanvas(1, 1);
        using var measurer = new SkiaCanvas(nowhere);
        var exporter = new SvgExporter
        {
            Width = Width,
            Height = height,
            TextMeasurer = measurer,
        };
        exporter.Export(model, stream);
        var svg = Encoding.UTF8.GetString(stream.ToArray());
        return svg[svg.IndexOf("<svg", StringComparison.Ordinal)..];
    }

    /// <summary>The declarations of a style as attributes of their own.</summary>
    private static string AsAttributes(string style)
    {
        var declarations = style.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(declaration => declaration.Split(':'));
        return string.Join(' ', declarations.Select(pair => $"{pair[0]}=\"{pair[1]}\""));
    }

    private string OpeningTag(bool alone)
    {
        var box = string.Create(CultureInfo.InvariantCulture, $"viewBox=\"0 0 {Width} {height}\"");
        var size = string.Create(CultureInfo.InvariantCulture, $" width=\"{Width}\" height=\"{height}\"");
        var ownPage = alone ? $"{size} style=\"background:white;color:black\"" : "";
        return $"""<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" aria-label="{Encode(Description)}"{ownPage}>""";
    }

    private static string Encode(string text) => System.Text.Encodings.Web.HtmlEncoder.Default.Encode(text);

    [GeneratedRegex("<svg[^>]*>")]
    private static partial Regex Frame();

    /// <summary>Style attributes, which the policy of a page blocks.</summary>
    [GeneratedRegex("(?<= )style=\"((?>(?:[a-z-]+:[^;\"]+;?)+))\"")]
    private static partial Regex Styles();

    [GeneratedRegex("([\"#])clipPath")]
    private static partial Regex Clips();

    [GeneratedRegex("((?:fill|stroke)[:=]\"?)black")]
    private static partial Regex Black();
}
