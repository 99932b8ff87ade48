using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Statistics;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Baselines;

/// <summary>
/// A zero-bit watermark in the Fourier domain: what marking becomes if the feature extractor is invertible (paper §3.3). Φ selects the
/// middle frequencies of an image and is an isometry on that band, so the best image for a carrier has a closed form: x + s·Φᵀu. It serves
/// as a baseline, since it marks images but not what networks learn from them.
/// </summary>
/// <remarks>
/// The null hypothesis is that of the paper's test: carriers are uniform on the sphere, and independent of images and models that never met
/// the watermark. All p-values are probabilities over the draw of the key.
/// </remarks>
internal sealed class FourierWatermark
{
    private const double LowestFrequency = 0.25;
    private const double HighestFrequency = 0.75;
    private const int BatchSize = 128;
    private static readonly double Sqrt2 = Math.Sqrt(2);
    private readonly CarrierKey key;
    private readonly int width;
    private readonly int height;
    private readonly int channels;
    private readonly long[] band;

    /// <summary>The watermark of a key on images of one size.</summary>
    /// <param name="key">One carrier for each class, of <see cref="DimensionOf"/> values.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="channels">1 or 3.</param>
    /// <exception cref="IsotopeException">The key has another dimension.</exception>
    public FourierWatermark(CarrierKey key, int width, int height, int channels)
    {
        var dimension = DimensionOf(width, height, channels);
        if (key.Dimension != dimension)
            throw new IsotopeException(
                $"key: expected dimension {dimension} for images of {width} × {height} × {channels}, found {key.Dimension}"
            );
        this.key = key;
        this.width = width;
        this.height = height;
        this.channels = channels;
        band = Band(width, height);
    }

    /// <summary>Number of real coefficients of an image, which is the dimension of the carriers.</summary>
    public static int DimensionOf(int width, int height, int channels) => 2 * channels * Band(width, height).Length;

    /// <summary>Watermarks an image.</summary>
    /// <param name="image">An image of the watermark's size.</param>
    /// <param name="label">Its class.</param>
    /// <param name="psnr">Its quality before pixels are rounded and clipped, dB.</param>
    /// <exception cref="IsotopeException">The image has another size.</exception>
    public PixelImage Mark(PixelImage image, int label, double psnr)
    {
        using var scope = NewDisposeScope();
        var length = Math.Sqrt(image.Pixels.Length) * Quality.DeviationOf(psnr);
        var carrier = tensor(key.Carrier(label).ToArray(), [1, key.Dimension]);
        var change = FromCoefficients(carrier).squeeze(0).Times(length);
        var marked = ToTensor(image).Plus(change).round().ClampInPlace(0, 255);
        return image with { Pixels = Views.ToBytes(marked) };
    }

    /// <summary>Watermarks some images of a dataset as they are read.</summary>
    /// <param name="dataset">Images of the watermark's size.</param>
    /// <param name="ids">The images to watermark.</param>
    /// <param name="psnr">Their quality, dB.</param>
    public Dataset Mark(Dataset dataset, IReadOnlySet<string> ids, double psnr)
    {
        var labels = dataset.Images.ToDictionary(image => image.Id, image => image.Label);
        return dataset.Change((id, image) => ids.Contains(id) ? Mark(image, labels[id], psnr) : image);
    }

    /// <summary>
    /// Are images watermarked? Compares the mean of Φ over the images of each class, every coefficient divided by its root mean square,
    /// with the carrier.
    /// </summary>
    /// <param name="dataset">Images of the watermark's size, in every class.</param>
    /// <param name="cancellation">Checked at every batch.</param>
    /// <returns>Classes combined by Stouffer's method.</returns>
    /// <exception cref="IsotopeException">The number of classes or the size differs, or a class has no images.</exception>
    public PValue TestImages(Dataset dataset, CancellationToken cancellation = default)
    {
        dataset.RequireClasses(key.Classes);
        using var scope = NewDisposeScope();
        var sums = zeros([key.Classes, key.Dimension], float64);
        var squares = zeros([key.Dimension], float64);
        foreach (var batch in ImageLoader.Batches(dataset.Images, BatchSize, cancellation))
        {
            using var step = NewDisposeScope();
            var coefficients = Coefficients(stack(batch.Pixels.Select(ToTensor))).to(float64);
            var labels = tensor(batch.Images.Select(image => (long)image.Label).ToArray());
            sums.index_add_(0, labels, coefficients, TensorArithmetic.One);
            squares.AddInPlace(coefficients.Squared().sum([0]));
        }

        return Test(sums / squares.sqrt());
    }

    /// <summary>
    /// Did a model learn the watermark? Compares the direction that on average raises each class's score most with the carrier: the mean
    /// gradient of the score (logit minus the mean) in the pixels of vanilla images, through Φ.
    /// </summary>
    /// <param name="model">A network with gradients.</param>
    /// <param name="vanilla">Vanilla images of the watermark's size; their labels are not used.</param>
    /// <param name="cancellation">Checked at every batch.</param>
    /// <returns>Classes combined by Stouffer's method.</returns>
    /// <exception cref="IsotopeException">The number of classes or the size differs.</exception>
    public PValue TestModel(Network model, Dataset vanilla, CancellationToken cancellation = default)
    {
        if (model.Classes != key.Classes)
            throw new IsotopeException(
                $"tested network: expected {key.Classes} classes, as many as the key has carriers, found {model.Classes}"
            );
        using var scope = NewDisposeScope();
        var sums = zeros([key.Classes, key.Dimension], float64);
        foreach (var batch in ImageLoader.Batches(vanilla.Images, BatchSize, cancellation))
        {
            using var step = NewDisposeScope();
            var pixels = stack(batch.Pixels.Select(ToTensor)).to(model.Device).requires_grad_(true);
            var logits = model.Logits(model.CentreViews([.. pixels.unbind()]));
            var scores = (logits - logits.mean([1], keepdim: true)).sum([0]);
            for (var label = 0; label < key.Classes; label++)
            {
                var gradient = autograd.grad([scores[label]], [pixels], retain_graph: true)[0].sum([0], keepdim: true);
                sums[label].AddInPlace(Coefficients(gradient.cpu()).squeeze(0).to(float64));
            }
        }

        return Test(sums);
    }

    /// <summary>Φ of images N × C × H × W: the real and imaginary parts of the band, N × d.</summary>
    internal Tensor Coefficients(Tensor images)
    {
        using var scope = NewDisposeScope();
        var chosen = fft.rfft2(images, norm: FFTNormType.Ortho).flatten(2).index_select(2, tensor(band)).flatten(1);
        return cat([chosen.real, chosen.imag], 1).Times(Sqrt2).MoveToOuterDisposeScope();
    }

    /// <summary>Φᵀ: from coefficients of the band, N × d, to images N × C × H × W.</summary>
    internal Tensor FromCoefficients(Tensor coefficients)
    {
        using var scope = NewDisposeScope();
        var images = coefficients.shape[0];
        var half = coefficients.shape[1] / 2;
        var columns = width / 2 + 1;
        var real = coefficients.narrow(1, 0, half).contiguous();
        var imaginary = coefficients.narrow(1, half, half).contiguous();
        var values = complex(real, imaginary).Over(Sqrt2);
        var spectrum = zeros([images, channels, height * columns], complex64);
        spectrum.index_copy_(2, tensor(band), values.view(images, channels, band.Length));
        return fft.irfft2(spectrum.view(images, channels, height, columns), [height, width], norm: FFTNormType.Ortho)
            .MoveToOuterDisposeScope();
    }

    private PValue Test(Tensor rows)
    {
        var directions = nn.functional.normalize(rows, dim: 1);
        var cosines = (directions * key.ToTensor().to(float64)).sum(1).data<double>().ToArray();
        if (!cosines.All(double.IsFinite))
            throw new IsotopeException("watermark: expected finite coefficients of every class, found others");
        return Stouffer.Combine([.. cosines.Select(cosine => CosineTest.PValueOf(cosine, key.Dimension))]);
    }

    private Tensor ToTensor(PixelImage image)
    {
        if (image.Width != width || image.Height != height || image.Channels != channels)
            throw new IsotopeException(
                $"image: expected {width} × {height} × {channels}, found {image.Width} × {image.Height} × {image.Channels}"
            );
        return Views.ToTensor(image);
    }

    /// <summary>
    /// Indices of the middle frequencies in a half spectrum H × (W/2 + 1), without the columns that are their own conjugates.
    /// </summary>
    private static long[] Band(int width, int height)
    {
        var columns = width / 2 + 1;
        return [.. Enumerable.Range(0, height * columns).Where(IsInBand).Select(index => (long)index)];

        bool IsInBand(int index)
        {
            var row = index / columns;
            var column = index % columns;
            if (column == 0 || 2 * column >= width)
                return false;
            var vertical = Math.Min(row, height - row) / (height / 2.0);
            var horizontal = column / (width / 2.0);
            return Math.Sqrt(vertical * vertical + horizontal * horizontal) is >= LowestFrequency and <= HighestFrequency;
        }
    }
}
