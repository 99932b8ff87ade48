using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Isotope.Files;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;

namespace Isotope.Reports;

/// <summary>A plot as vector graphics: scalable, its text and axes in the colour of the text around it, light or dark.</summary>
public sealed partial class Chart
{
    private const double Width = 640;

    private const float PixelsPerPoint = 2;

    /// <summary>Texts are measured in a wide font (<see cref="SkiaCanvas"/>), and drawn in the reader's own.</summary>
    private const string MeasuredFont = "Arial";
    private const string DrawnFont = "system-ui,sans-serif";
    private static readonly OxyColor Ink = OxyColors.Black; // becomes currentColor
    private static readonly OxyColor Grid = OxyColor.FromAColor(50, OxyColors.Gray);

    /// <summary>Colours that are told apart on light and dark grounds, and by the colour-blind (Okabe and Ito).</summary>
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
        (Description, this.height) = (Text(description), height);
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
        LinearAxis bottom = new(),
            left = new() { MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = Grid };
        foreach (
            var (axis, position, title) in ((LinearAxis, AxisPosition, string)[])
                [(bottom, AxisPosition.Bottom, across), (left, AxisPosition.Left, up)]
        )
        {
            (
                axis.Position,
                axis.Title,
                axis.TicklineColor,
                axis.AxislineColor,
                axis.MinorTickSize,
                axis.MinimumPadding,
                axis.MaximumPadding,
                axis.AxisTitleDistance
            ) = (position, Text(title), Ink, Ink, 0, 0.04, 0.04, 14);
            model.Axes.Add(axis);
        }

        (bottom.AxislineStyle, left.TickStyle) = (LineStyle.Solid, TickStyle.None);
    }

    /// <summary>What it shows, for those who do not see it.</summary>
    public string Description { get; }

    internal Axis Bottom => model.Axes[0];

    internal Axis Left => model.Axes[1];

    internal PlotModel Model => model;

    /// <summary>Names of the series beside the plot, at a corner of it.</summary>
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

    /// <summary>A name from a file as a text of the plot: with spaces for what XML can't hold.</summary>
    internal static string Text(string name) =>
        string.Concat(name.EnumerateRunes().Select(rune => Rune.IsControl(rune) || rune.Value is 0xfffe or 0xffff ? new Rune(' ') : rune));

    /// <summary>The SVG element, to stand in a page or, with <paramref name="alone"/>, in a file of its own.</summary>
    public string ToSvg(bool alone = false)
    {
        using var stream = new MemoryStream();
        using var nowhere = new SkiaSharp.SKNoDrawCanvas(1, 1);
        using var measurer = new SkiaCanvas(nowhere);
        new SvgExporter
        {
            Width = Width,
            Height = height,
            TextMeasurer = measurer,
        }.Export(model, stream);
        var svg = Encoding.UTF8.GetString(stream.ToArray());
        svg = Styles()
            .Replace(
                svg[svg.IndexOf("<svg", StringComparison.Ordinal)..],
                style =>
                    string.Join(
                        ' ',
                        style
                            .Groups[1]
                            .Value.Split(';', StringSplitOptions.RemoveEmptyEntries)
                            .Select(pair => pair.Split(':'))
                            .Select(pair => $"{pair[0]}=\"{pair[1]}\"")
                    )
            );
        svg = Frame()
            .Replace(
                svg,
                _ =>
                    FormattableString.Invariant(
                        $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" role="img" aria-label="{Encode(Description)}"{(alone ? $" width=\"{Width}\" height=\"{height}\" style=\"background:white;color:black\"" : "")}>"""
                    ),
                1
            );
        svg = Clips().Replace(svg, $"$1clip-{Hashes.OfBytes(Encoding.UTF8.GetBytes(svg))[..8]}-"); // ids of a page are unique
        return Black().Replace(svg, "$1currentColor").Replace(MeasuredFont, DrawnFont, StringComparison.Ordinal).Trim();
    }

    /// <summary>As a PNG image, on white.</summary>
    public byte[] ToPng() => SkiaCanvas.ToPng(model, Width, height, PixelsPerPoint);

    private static string Encode(string text) => System.Text.Encodings.Web.HtmlEncoder.Default.Encode(text);

    [GeneratedRegex("<svg[^>]*>")]
    private static partial Regex Frame();

    /// <summary>Style attributes, which a page's policy would not let through, as attributes of their own.</summary>
    [GeneratedRegex("(?<= )style=\"((?>(?:[a-z-]+:[^;\"]+;?)+))\"")]
    private static partial Regex Styles();

    [GeneratedRegex("([\"#])clipPath")]
    private static partial Regex Clips();

    [GeneratedRegex("((?:fill|stroke)[:=]\"?)black")]
    private static partial Regex Black();
}
