using Isotope.Datasets.Jpegs;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// The planes of a JPEG that carry colour, as a linear map from changes of coefficients, in quantisation steps, to changes of pixels. All
/// blocks of all planes follow one another, 64 coefficients each, row by row in the block.
/// </summary>
internal sealed class JpegPlanes
{
    private const int Colours = 3;
    private const int Side = 8;
    private const float Middle = 128;
    private static readonly float[] ToRgb = [1, 0, 1.402f, 1, -0.344136f, -0.714136f, 1, 1.772f, 0];
    private readonly JpegFile jpeg;
    private readonly JpegComponent[] planes;
    private readonly int across;
    private readonly int down;
    private readonly Device device;
    private readonly Tensor cosines;
    private readonly Tensor[] steps;
    private readonly Tensor? gain;

    public JpegPlanes(JpegFile jpeg, Device device)
    {
        this.jpeg = jpeg;
        this.device = device;
        planes = [.. jpeg.Components.Take(Colours)];
        across = jpeg.Components.Max(component => component.Across);
        down = jpeg.Components.Max(component => component.Down);
        cosines = SimulatedJpeg.Cosines(device);
        steps = [.. planes.Select(StepsOf)];
        gain = Gain();
    }

    /// <summary>The width and height of the area that one block of every plane covers at least, in pixels.</summary>
    public (int Width, int Height) Cell => (Side * across, Side * down);

    /// <summary>The number of coefficients.</summary>
    public int Length => planes.Sum(plane => plane.Length);

    /// <summary>About the L2 length, in grey levels, of the change of pixels that each coefficient's step makes.</summary>
    public float[] Lengths()
    {
        var lengths = new float[Length];
        var next = 0;
        foreach (var (p, plane) in planes.Index())
        {
            var scale = ColourLength(p) * Math.Sqrt(across / plane.Across * (down / plane.Down));
            var table = jpeg.StepsOf(plane);
            for (var block = 0; block < plane.Length; block += JpegScan.Block)
            for (var k = 0; k < JpegScan.Block; k++)
                lengths[next + block + Zigzag.Places[k]] = (float)(scale * table[k]);
            next += plane.Length;
        }

        return lengths;
    }

    /// <summary>The cell of each block, counted row by row, and the number of cells in a row.</summary>
    public (int[] Cells, int CellsAcross) Cells()
    {
        var inRow = planes[0].Stride / planes[0].Across;
        return (
            [
                .. planes.SelectMany(plane =>
                    Enumerable
                        .Range(0, plane.Stride * plane.Rows)
                        .Select(block => block / plane.Stride / plane.Down * inRow + block % plane.Stride / plane.Across)
                ),
            ],
            inRow
        );
    }

    /// <summary>The JPEG's coefficients plus a change, as they are stored.</summary>
    public short[][] Plus(ReadOnlySpan<float> change)
    {
        var changed = jpeg.Coefficients.Select(values => values.ToArray()).ToArray();
        var next = 0;
        foreach (var plane in changed.Take(planes.Length))
        {
            for (var block = 0; block < plane.Length; block += JpegScan.Block)
            for (var k = 0; k < JpegScan.Block; k++)
                plane[block + k] += (short)change[next + block + Zigzag.Places[k]];
            next += plane.Length;
        }

        return changed;
    }

    /// <summary>The change of pixels, C × H × W, that a change of coefficients makes before pixels are rounded and clipped.</summary>
    public Tensor Decode(Tensor change)
    {
        using var scope = NewDisposeScope();
        var decoded = new Tensor[planes.Length];
        var next = 0L;
        foreach (var (p, plane) in planes.Index())
        {
            decoded[p] = Samples(change.narrow(0, next, plane.Length), plane, steps[p]);
            next += plane.Length;
        }

        var pixels = stack(decoded);
        if (jpeg.Colours is JpegColours.YCbCr or JpegColours.Ycck)
            pixels = tensordot(tensor(ToRgb, [Colours, Colours], device: device), pixels, [1], [0]);
        return (gain is null ? pixels : pixels * gain).MoveToOuterDisposeScope();
    }

    private Tensor Samples(Tensor coefficients, JpegComponent plane, Tensor table)
    {
        var blocks = coefficients.view(plane.Rows, plane.Stride, Side, Side) * table;
        var samples = cosines.t().matmul(blocks).matmul(cosines).permute(0, 2, 1, 3);
        var (wider, higher) = (across / plane.Across, down / plane.Down);

        // Readers do not look at samples beyond the image when they enlarge a plane.
        var whole = samples
            .reshape(1, 1, plane.Rows * Side, plane.Stride * Side)
            .narrow(2, 0, (jpeg.Height + higher - 1) / higher)
            .narrow(3, 0, (jpeg.Width + wider - 1) / wider);
        if (wider > 2 || higher > 2)
            whole = nn.functional.interpolate(whole, scale_factor: [higher, wider], mode: InterpolationMode.Nearest);
        else if (wider > 1 || higher > 1)
            whole = nn.functional.interpolate(whole, scale_factor: [higher, wider], mode: InterpolationMode.Bilinear, align_corners: false);
        return whole.view(whole.shape[2], whole.shape[3]).narrow(0, 0, jpeg.Height).narrow(1, 0, jpeg.Width);
    }

    /// <summary>The quantisation steps of a component, 8 × 8.</summary>
    private Tensor StepsOf(JpegComponent component)
    {
        var table = new float[JpegScan.Block];
        foreach (var (k, step) in jpeg.StepsOf(component).Index())
            table[Zigzag.Places[k]] = step;
        return tensor(table, [Side, Side], device: device);
    }

    /// <summary>The length of the colour that a plane's unit adds to a pixel.</summary>
    private double ColourLength(int plane)
    {
        if (jpeg.Colours is not (JpegColours.YCbCr or JpegColours.Ycck))
            return 1;
        return Math.Sqrt(Enumerable.Range(0, Colours).Sum(row => Math.Pow(ToRgb[row * Colours + plane], 2)));
    }

    /// <summary>How much of a change of inks is seen through the black ink, H × W; null if there is none.</summary>
    private Tensor? Gain()
    {
        if (jpeg.Components.Length <= Colours)
            return null;
        using var scope = NewDisposeScope();
        var black = jpeg.Components[Colours];
        var values = new float[black.Length];
        for (var i = 0; i < values.Length; i++)
            values[i / JpegScan.Block * JpegScan.Block + Zigzag.Places[i % JpegScan.Block]] = jpeg.Coefficients[Colours][i];
        var samples = Samples(tensor(values, device: device), black, StepsOf(black)).Plus(Middle).AtLeast(0).AtMost(255);
        return samples.Times(jpeg.Colours == JpegColours.Ycck ? -1.0 / 255 : 1.0 / 255).MoveToOuterDisposeScope();
    }
}
