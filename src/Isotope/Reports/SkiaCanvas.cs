using OxyPlot;
using SkiaSharp;

namespace Isotope.Reports;

/// <summary>
/// Draws plots on a bitmap and measures their texts. It brings its own font (a part of DejaVu Sans), for machines that have none.
/// </summary>
internal sealed class SkiaCanvas : ClippingRenderContext, IDisposable
{
    private static readonly Lazy<SKTypeface> Font = new(() =>
    {
        using var stream = typeof(SkiaCanvas).Assembly.GetManifestResourceStream("Isotope.Reports.DejaVuSans.ttf")!;
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data);
    });

    private readonly SKCanvas canvas;
    private readonly SKPaint paint = new() { IsAntialias = true };

    /// <summary>A canvas to draw on.</summary>
    public SkiaCanvas(SKCanvas canvas)
    {
        this.canvas = canvas;
        RendersToScreen = false;
    }

    /// <summary>Draws a plot as PNG, with <paramref name="scale"/> pixels per point.</summary>
    public static byte[] ToPng(PlotModel model, double width, double height, float scale)
    {
        using var bitmap = new SKBitmap((int)(width * scale), (int)(height * scale));
        using var surface = new SKCanvas(bitmap);
        surface.Clear(SKColors.White);
        surface.Scale(scale);
        using var context = new SkiaCanvas(surface);
        ((IPlotModel)model).Update(updateData: true);
        ((IPlotModel)model).Render(context, new OxyRect(0, 0, width, height));
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    public override void DrawLine(
        IList<ScreenPoint> points,
        OxyColor stroke,
        double thickness,
        EdgeRenderingMode edges,
        double[]? dashArray,
        LineJoin join
    )
    {
        if (points.Count < 2)
            return;
        using var path = PathOf(points, close: false);
        Stroke(path, stroke, thickness);
    }

    public override void DrawPolygon(
        IList<ScreenPoint> points,
        OxyColor fill,
        OxyColor stroke,
        double thickness,
        EdgeRenderingMode edges,
        double[]? dashArray,
        LineJoin join
    )
    {
        using var path = PathOf(points, close: true);
        if (fill.IsVisible())
        {
            SetFill(fill);
            canvas.DrawPath(path, paint);
        }

        if (stroke.IsVisible() && thickness > 0)
            Stroke(path, stroke, thickness);
    }

    public override void DrawText(
        ScreenPoint at,
        string text,
        OxyColor fill,
        string family,
        double size,
        double weight,
        double rotation,
        HorizontalAlignment horizontal,
        VerticalAlignment vertical,
        OxySize? maxSize
    )
    {
        if (string.IsNullOrEmpty(text))
            return;
        using var font = new SKFont(Font.Value, (float)size);
        SetFill(fill);
        var x = horizontal switch
        {
            HorizontalAlignment.Left => 0,
            HorizontalAlignment.Center => -font.MeasureText(text) / 2,
            _ => -font.MeasureText(text),
        };
        var metrics = font.Metrics;
        var y = vertical switch
        {
            VerticalAlignment.Top => -metrics.Ascent,
            VerticalAlignment.Middle => -(metrics.Ascent + metrics.Descent) / 2,
            _ => -metrics.Descent,
        };
        canvas.Save();
        canvas.Translate((float)at.X, (float)at.Y);
        canvas.RotateDegrees((float)rotation);
        canvas.DrawText(text, x, y, SKTextAlign.Left, font, paint);
        canvas.Restore();
    }

    public override OxySize MeasureText(string text, string family, double size, double weight)
    {
        if (string.IsNullOrEmpty(text))
            return OxySize.Empty;
        using var font = new SKFont(Font.Value, (float)size);
        return new OxySize(font.MeasureText(text), font.Metrics.Descent - font.Metrics.Ascent);
    }

    protected override void SetClip(OxyRect clippingRectangle)
    {
        var (left, top) = ((float)clippingRectangle.Left, (float)clippingRectangle.Top);
        var (right, bottom) = ((float)clippingRectangle.Right, (float)clippingRectangle.Bottom);
        canvas.Save();
        canvas.ClipRect(new SKRect(left, top, right, bottom));
    }

    protected override void ResetClip() => canvas.Restore();

    public void Dispose() => paint.Dispose();

    private void Stroke(SKPath path, OxyColor stroke, double thickness)
    {
        paint.Style = SKPaintStyle.Stroke;
        paint.Color = ColourOf(stroke);
        paint.StrokeWidth = (float)thickness;
        canvas.DrawPath(path, paint);
    }

    private void SetFill(OxyColor colour)
    {
        paint.Style = SKPaintStyle.Fill;
        paint.Color = ColourOf(colour);
    }

    private static SKPath PathOf(IList<ScreenPoint> points, bool close)
    {
        using var builder = new SKPathBuilder();
        builder.AddPoly([.. points.Select(point => new SKPoint((float)point.X, (float)point.Y))], close);
        return builder.Detach();
    }

    private static SKColor ColourOf(OxyColor colour) => new(colour.R, colour.G, colour.B, colour.A);
}
