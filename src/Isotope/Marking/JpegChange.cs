using System.Runtime.InteropServices;
using Isotope.Datasets;
using Isotope.Datasets.Jpegs;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// The change of a JPEG that stays a JPEG with its own quantisation: whole steps of its coefficients. At each iteration the steps are those
/// that use up the allowed distance and gain most by a running mean of the gradients: a step of length w along a gradient g gains g·w at a
/// cost of w², so that k steps pay while g / w is above (2k − 1) times a price. That is, g / w is scaled and rounded, and the scale is the
/// one whose steps fit.
/// </summary>
internal sealed class JpegChange
{
    /// <summary>The weight of earlier gradients in the running mean.</summary>
    private const float Memory = 0.9f;

    /// <summary>The fraction of iterations after which the whole distance is used.</summary>
    private const double Growth = 0.5;
    private const int Rounds = 12;
    private const int FinalRounds = 24;
    private const double WideStep = 1.5;
    private const double FinalStep = 1.15;
    private const float Damping = 0.8f;

    private readonly JpegFile jpeg;
    private readonly PixelImage vanilla;
    private readonly string name;
    private readonly JpegPlanes planes;
    private readonly float[] lengths;
    private readonly int[] cells;
    private readonly int cellsAcross;
    private readonly float[] damping;
    private readonly float[] gradient;
    private readonly float[] change;
    private readonly double distance;
    private readonly int radius;
    private readonly Tensor original;
    private double scale;

    /// <param name="name">What errors call the image.</param>
    /// <param name="jpeg">The vanilla JPEG.</param>
    /// <param name="vanilla">Its pixels.</param>
    /// <param name="original">The same as a C × H × W tensor.</param>
    /// <param name="options">How images are marked, with a PSNR.</param>
    /// <exception cref="IsotopeException">The JPEG's pixels have another form than its planes.</exception>
    public JpegChange(string name, JpegFile jpeg, PixelImage vanilla, Tensor original, MarkingOptions options)
    {
        var channels = jpeg.Colours == JpegColours.Grey ? 1 : 3;
        if ((vanilla.Width, vanilla.Height, vanilla.Channels) != (jpeg.Width, jpeg.Height, channels))
            throw new IsotopeException($"{name}: expected the pixels of its planes, found another size; --format png marks it");
        this.name = name;
        this.jpeg = jpeg;
        this.vanilla = vanilla;
        this.original = original;
        radius = options.Radius;
        distance = Quality.DeviationOf(options.Psnr!.Value) * Math.Sqrt(vanilla.Pixels.Length);
        planes = new JpegPlanes(jpeg, original.device);
        lengths = planes.Lengths();
        (cells, cellsAcross) = planes.Cells();
        damping = [.. Enumerable.Repeat(1f, cells.Max() + 1)];
        gradient = new float[lengths.Length];
        change = new float[lengths.Length];
    }

    /// <summary>What of the file does not stay as it was; null if all does.</summary>
    public string? Changed { get; init; }

    /// <summary>The marked image, once it is finished.</summary>
    public EncodedImage? Encoded { get; private set; }

    /// <summary>The change so far, in steps, as a tensor that asks for a gradient.</summary>
    public Tensor Steps() => tensor(change, device: original.device).requires_grad_(true);

    /// <summary>The pixels after a change of coefficients, C × H × W. Differentiable. Cells that change too much are damped.</summary>
    public Tensor Pixels(Tensor steps)
    {
        using var scope = NewDisposeScope();
        var decoded = planes.Decode(steps);
        using (no_grad())
            Damp(Views.LargestOfCells(decoded, planes.Cell));
        return decoded.Plus(original).AtLeast(0).AtMost(255).MoveToOuterDisposeScope();
    }

    /// <summary>Takes the gradient of the objective with respect to the steps, and chooses the steps anew.</summary>
    /// <param name="perStep">The gradient.</param>
    /// <param name="progress">The fraction of iterations done with this one.</param>
    public void Move(Tensor perStep, double progress)
    {
        using var values = perStep.cpu();
        var now = MemoryMarshal.Cast<byte, float>(values.bytes);
        for (var i = 0; i < gradient.Length; i++)
            gradient[i] = Memory * gradient[i] - (1 - Memory) * now[i] / (lengths[i] * lengths[i]);
        var largest = gradient.Max(Math.Abs);
        if (largest == 0)
            return;
        if (scale == 0)
            scale = 1 / largest;
        var squares = Math.Min(1, progress / Growth) * distance * distance;
        scale = Search(scale, WideStep, Rounds, tried => Choose(tried) <= squares);
        Choose(scale);
    }

    /// <summary>Writes the JPEG with the largest change that fits, as its readers see it.</summary>
    /// <returns>The marked pixels, C × H × W.</returns>
    public Tensor Finish()
    {
        var best = new EncodedImage(jpeg.With(jpeg.Coefficients), vanilla);
        var least = double.PositiveInfinity;
        if (scale > 0)
            Search(scale, FinalStep, FinalRounds, Fits);
        Encoded = best with { Changed = Changed };
        return Views.ToTensor(best.Pixels).to(original.device);

        bool Fits(double tried)
        {
            Choose(tried);
            var candidate = Encode();
            if (Damp(LargestOf(candidate.Pixels)))
                return false;
            var psnr = Quality.Compare(vanilla, candidate.Pixels).Psnr ?? double.PositiveInfinity;
            var fits = Quality.DeviationOf(psnr) * Math.Sqrt(vanilla.Pixels.Length) <= distance;
            if (fits && psnr < least)
                (best, least) = (candidate, psnr);
            return fits;
        }
    }

    /// <summary>Looks for the largest scale that fits: by wide steps, and by ever smaller ones whenever it turns.</summary>
    private static double Search(double scale, double step, int rounds, Func<double, bool> fits)
    {
        var (inside, upwards) = (0.0, true);
        for (var round = 0; round < rounds; round++)
        {
            var does = fits(scale);
            if (does != upwards && round > 0)
                step = Math.Sqrt(step);
            (inside, upwards) = (does ? scale : inside, does);
            scale = does ? scale * step : scale / step;
        }

        return inside > 0 ? inside : scale;
    }

    /// <summary>Chooses the steps for a scale.</summary>
    /// <returns>The square of their length.</returns>
    private double Choose(double scale)
    {
        var squares = 0.0;
        for (var block = 0; block < cells.Length; block++)
        {
            var damped = (float)scale * damping[cells[block]];
            for (var i = block * JpegScan.Block; i < (block + 1) * JpegScan.Block; i++)
            {
                change[i] = MathF.Round(damped * gradient[i]);
                squares += (double)change[i] * change[i] * lengths[i] * lengths[i];
            }
        }

        return squares;
    }

    private EncodedImage Encode()
    {
        var bytes = jpeg.With(planes.Plus(change));
        return new EncodedImage(bytes, ImageCodec.Decode(name, bytes));
    }

    /// <summary>The largest change of a pixel in each cell.</summary>
    private float[] LargestOf(PixelImage marked)
    {
        var largest = new float[damping.Length];
        var (width, height) = planes.Cell;
        for (var i = 0; i < marked.Pixels.Length; i++)
        {
            var (x, y) = (i / marked.Channels % marked.Width, i / marked.Channels / marked.Width);
            ref var cell = ref largest[y / height * cellsAcross + x / width];
            cell = Math.Max(cell, Math.Abs(marked.Pixels[i] - vanilla.Pixels[i]));
        }

        return largest;
    }

    /// <summary>Lets cells change less in which a pixel changes by more than the radius.</summary>
    private bool Damp(float[] largest)
    {
        var any = false;
        for (var cell = 0; cell < damping.Length; cell++)
            if (largest[cell] > radius + 0.5f)
            {
                damping[cell] *= Math.Max(Damping, radius / largest[cell]);
                any = true;
            }

        return any;
    }
}
