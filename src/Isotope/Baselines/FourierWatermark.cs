using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Statistics;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Baselines;

/// <summary>
/// A zero-bit watermark in the Fourier domain: what marking becomes when the feature extractor is invertible (paper §3.3). Φ takes the
/// middle frequencies of an image, an isometry on its band, so the image that is best for a carrier is closed form: x + s·Φᵀu. A baseline:
/// it marks images, not what networks learn of them.
/// </summary>
/// <remarks>
/// The null is that of the paper's test: carriers are uniform on the sphere and independent of images and models that never met the
/// watermark.
/// </remarks>
public sealed class FourierWatermark
{
    private const double LowestFrequency = 0.25;
    private const double HighestFrequency = 0.75;
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
    /// <exception cref="IsotopeException">The key is of another dimension.</exception>
    public FourierWatermark(CarrierKey key, int width, int height, int channels)
    {
        (this.key, this.width, this.height, this.channels) = (key, width, height, channels);
        band = Band(width, height);
        if (key.Dimension != DimensionOf(width, height, channels))
            throw new IsotopeException(
                $"key: expected dimension {DimensionOf(width, height, channels)} for images of {width} × {height} × {channels}, found "
                    + $"{key.Dimension}"
            );
    }

    /// <summary>Number of real coefficients of an image: the dimension of the carriers.</summary>
    public static int DimensionOf(int width, int height, int channels) => 2 * channels * Band(width, height).Length;

    /// <summary>The watermarked image.</summary>
    /// <param name="image">Of the watermark's size.</param>
    /// <param name="label">Its class.</param>
    /// <param name="psnr">Its quality before pixels are rounded and clipped, dB.</param>
    /// <exception cref="IsotopeException">The image is of another size.</exception>
    public PixelImage Mark(PixelImage image, int label, double psnr)
    {
        using var scope = NewDisposeScope();
        var length = Math.Sqrt(image.Pixels.Length) * Quality.DeviationOf(psnr);
        var change = FromCoefficients(tensor(key.Carrier(label).ToArray(), [1, key.Dimension])).squeeze(0).Times(length);
        return image with { Pixels = Views.ToBytes(ToTensor(image).Plus(change).round().ClampInPlace(0, 255)) };
    }

    /// <summary>A dataset with some of its images watermarked when they are read.</summary>
    /// <param name="dataset">Images of the watermark's size.</param>
    /// <param name="ids">Those that are watermarked.</param>
    /// <param name="psnr">Their quality, dB.</param>
    public Dataset Mark(Dataset dataset, IReadOnlySet<string> ids, double psnr)
    {
        var labels = dataset.Images.ToDictionary(image => image.Id, image => image.Label);
        return dataset.Change((id, image) => ids.Contains(id) ? Mark(image, labels[id], psnr) : image);
    }

    /// <summary>
    /// Are images watermarked? The mean of Φ over the images of each class, every coefficient over its root mean square, against the
    /// carrier.
    /// </summary>
    /// <param name="dataset">Images of the watermark's size, of every class.</param>
    /// <param name="cancellation">Checked at every batch.</param>
    /// <returns>Classes combined by Stouffer's method.</returns>
    /// <exception cref="IsotopeException">Another number of classes or size, or a class without images.</exception>
    public PValue TestImages(Dataset dataset, CancellationToken cancellation = default)
    {
        dataset.RequireClasses(key.Classes);
        using var scope = NewDisposeScope();
        var (sums, squares) = (zeros([key.Classes, key.Dimension], float64), zeros([key.Dimension], float64));
        foreach (var batch in ImageLoader.Batches(dataset.Images, 128, cancellation))
        {
            using var step = NewDisposeScope();
            var coefficients = Coefficients(stack(batch.Pixels.Select(ToTensor))).to(float64);
            sums.index_add_(0, tensor(batch.Images.Select(image => (long)image.Label).ToArray()), coefficients, TensorArithmetic.One);
            squares.AddInPlace(coefficients.Squared().sum([0]));
        }

        return Test(sums / squares.sqrt());
    }

    /// <summary>
    /// Did a model learn the watermark? The mean gradient of each class's score (logit less the mean) in the pixels of vanilla images,
    /// through Φ, against the carrier: the direction that raises the score most, on the whole.
    /// </summary>
    /// <param name="model">A network with gradients.</param>
    /// <param name="vanilla">Vanilla images of the watermark's size; labels play no part.</param>
    /// <param name="cancellation">Checked at every batch.</param>
    /// <returns>Classes combined by Stouffer's method.</returns>
    /// <exception cref="IsotopeException">Another number of classes or size.</exception>
    public PValue TestModel(Network model, Dataset vanilla, CancellationToken cancellation = default)
    {
        if (model.Classes != key.Classes)
            throw new IsotopeException(
                $"tested network: expected {key.Classes} classes, as many as the key has carriers, found {model.Classes}"
            );
        using var scope = NewDisposeScope();
        var sums = zeros([key.Classes, key.Dimension], float64);
        foreach (var batch in ImageLoader.Batches(vanilla.Images, 128, cancellation))
        {
            using var step = NewDisposeScope();
            var pixels = stack(batch.Pixels.Select(ToTensor)).to(model.Device).requires_grad_(true);
            var logits = model.Logits(model.CentreViews([.. pixels.unbind()]));
            var scores = (logits - logits.mean([1], keepdim: true)).sum([0]);
            for (var label = 0; label < key.Classes; label++)
                sums[label]
                    .AddInPlace(
                        Coefficients(autograd.grad([scores[label]], [pixels], retain_graph: true)[0].sum([0], keepdim: true).cpu())
                            .squeeze(0)
                            .to(float64)
                    );
        }

        return Test(sums);
    }

    /// <summary>Φ of images N × C × H × W: N × d, real and imaginary parts of the band.</summary>
    internal Tensor Coefficients(Tensor images)
    {
        using var scope = NewDisposeScope();
        var chosen = fft.rfft2(images, norm: FFTNormType.Ortho).flatten(2).index_select(2, tensor(band)).flatten(1);
        return cat([chosen.real, chosen.imag], 1).Times(Sqrt2).MoveToOuterDisposeScope();
    }

    /// <summary>Φᵀ: the images N × C × H × W of the band's coefficients N × d.</summary>
    internal Tensor FromCoefficients(Tensor coefficients)
    {
        using var scope = NewDisposeScope();
        var half = coefficients.shape[1] / 2;
        var values = complex(coefficients.narrow(1, 0, half).contiguous(), coefficients.narrow(1, half, half).contiguous()).Over(Sqrt2);
        var spectrum = zeros([coefficients.shape[0], channels, height * (width / 2 + 1)], complex64);
        spectrum.index_copy_(2, tensor(band), values.view(coefficients.shape[0], channels, band.Length));
        return fft.irfft2(spectrum.view(coefficients.shape[0], channels, height, width / 2 + 1), [height, width], norm: FFTNormType.Ortho)
            .MoveToOuterDisposeScope();
    }

    private PValue Test(Tensor rows)
    {
        var products = (nn.functional.normalize(rows, dim: 1) * key.ToTensor().to(float64)).sum(1).data<double>().ToArray();
        return products.All(double.IsFinite)
            ? Stouffer.Combine([.. products.Select(cosine => CosineTest.PValueOf(cosine, key.Dimension))])
            : throw new IsotopeException("watermark: expected finite coefficients of every class, found others");
    }

    private Tensor ToTensor(PixelImage image) =>
        (image.Width, image.Height, image.Channels) == (width, height, channels)
            ? Views.ToTensor(image)
            : throw new IsotopeException(
                $"image: expected {width} × {height} × {channels}, found {image.Width} × {image.Height} × {image.Channels}"
            );

    /// <summary>Places in a half spectrum H × (W/2 + 1) of middle frequencies, without the columns that are their own conjugates.</summary>
    private static long[] Band(int width, int height)
    {
        var columns = width / 2 + 1;
        return
        [
            .. Enumerable
                .Range(0, height * columns)
                .Where(place =>
                {
                    var (row, column) = (place / columns, place % columns);
                    var (vertical, horizontal) = (Math.Min(row, height - row) / (height / 2.0), column / (width / 2.0));
                    return column > 0
                        && 2 * column < width
                        && Math.Sqrt(vertical * vertical + horizontal * horizontal) is >= LowestFrequency and <= HighestFrequency;
                })
                .Select(place => (long)place),
        ];
    }
}
