using System.Runtime.InteropServices;
using Isotope.Datasets;
using Isotope.Datasets.Jpegs;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Marking;

/// <summary>
/// The change of a JPEG that stays a JPEG with its own quantisation: whole steps of its coefficients. Gradients are taken where the steps
/// are, and move a wish that needs no whole steps, as they move pixels elsewhere. The steps are those that use up the allowed distance and
/// come to most of the wish: a step of length w along a wish v gains v·w at a cost of w², so that k steps pay while v / w is above (2k − 1)
/// times a price. That is, v / w is scaled and rounded, and the scale is the largest whose steps fit.
/// </summary>
internal sealed class JpegChange
{
    /// <summary>The fraction of iterations after which the whole distance is used.</summary>
    private const double Growth = 0.3;
    private const int Rounds = 12;
    private const int FinalRounds = 16;
    private const int DampingRounds = 8;
    private const double WideStep = 1.5;
    private const double FinalStep = 1.15;
    private const float Damping = 0.97f;

    private readonly JpegFile jpeg;
    private readonly PixelImage vanilla;
    private readonly string name;
    private readonly JpegPlanes planes;
    private readonly float[] lengths;
    private readonly int[] cells;
    private readonly int cellsAcross;
    private readonly float[] damping;
    private readonly float[] wish;
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
        wish = new float[lengths.Length];
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
    /// <param name="done">The number of iterations done before.</param>
    /// <param name="iterations">The number of all iterations.</param>
    public void Move(Tensor perStep, int done, int iterations)
    {
        using var values = perStep.cpu();
        var gradient = MemoryMarshal.Cast<byte, float>(values.bytes);
        var squares = 0.0;
        for (var i = 0; i < wish.Length; i++)
            squares += Math.Pow(gradient[i] / lengths[i], 2);
        if (squares == 0)
            return;
        var step = (float)(ImageInProgress.StepLength(distance, done, iterations) / Math.Sqrt(squares));
        for (var i = 0; i < wish.Length; i++)
            wish[i] -= step * gradient[i] / lengths[i];
        Shrink();
        if (scale == 0)
            scale = 1 / wish.Zip(lengths, (change, length) => Math.Abs(change) / length).Max();
        var allowed = Math.Min(1, (done + 1) / (Growth * iterations)) * distance * distance;
        scale = Search(scale, WideStep, Rounds, tried => Choose(tried) <= allowed);
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
            for (var round = 0; round < DampingRounds && Damp(LargestOf(candidate.Pixels)); round++)
            {
                Choose(tried);
                candidate = Encode();
            }

            if (Quality.Compare(vanilla, candidate.Pixels).MaxDifference > radius)
                return false;
            var psnr = Quality.Compare(vanilla, candidate.Pixels).Psnr ?? double.PositiveInfinity;
            var fits = Quality.DeviationOf(psnr) * Math.Sqrt(vanilla.Pixels.Length) <= distance;
            if (fits && psnr < least)
                (best, least) = (candidate, psnr);
            return fits;
        }
    }

    /// <summary>Shrinks the wish into the ball of the allowed distance.</summary>
    private void Shrink()
    {
        var length = Math.Sqrt(wish.Sum(value => (double)value * value));
        if (length > distance)
            foreach (ref var value in wish.AsSpan())
                value *= (float)(distance / length);
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
                change[i] = MathF.Round(damped * wish[i] / lengths[i]);
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
                damping[cell] *= Math.Min(Damping, radius / largest[cell]);
                any = true;
            }

        return any;
    }
}
