using Isotope.Datasets;
using static TorchSharp.torch;

namespace Isotope.Detection.Readings;

/// <summary>
/// A few hundred vanilla images, decoded once, whose classes tell whether a network was understood. They are spread over the classes and
/// chosen without the key.
/// </summary>
internal sealed class LabelledSample
{
    /// <summary>With more classes than this, evenly spaced ones stand for all.</summary>
    private const int MostClasses = 50;

    /// <summary>Fewer images per class leave nothing to match outputs with classes by.</summary>
    private const int FewestPerClass = 4;

    private readonly PixelImage[] pixels;

    private LabelledSample(PixelImage[] pixels, int[] labels, IReadOnlyList<string> classNames)
    {
        this.pixels = pixels;
        Labels = labels;
        ClassNames = classNames;
        Classes = labels.Distinct().Count();
    }

    /// <summary>Label of each image among all classes of the dataset.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>Names of all classes of the dataset.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Number of classes that have images here.</summary>
    public int Classes { get; }

    /// <summary>Number of images.</summary>
    public int Count => pixels.Length;

    /// <summary>The shorter side that is commonest among the images, pixels.</summary>
    public int Side => pixels.CountBy(image => Math.Min(image.Width, image.Height)).MaxBy(side => side.Value).Key;

    /// <summary>Takes about <paramref name="count"/> images, one of each class in turn; none of a dataset without classes.</summary>
    /// <exception cref="IsotopeException">An image can't be decoded.</exception>
    public static LabelledSample Of(Dataset dataset, int count, CancellationToken cancellation = default)
    {
        LabelledImage[][] byClass =
        [
            .. dataset.Images.GroupBy(image => image.Label).OrderBy(group => group.Key).Select(group => group.ToArray()),
        ];
        var classes = EvenlySpaced.Of(byClass, MostClasses);
        var perClass = classes.Count == 0 ? 0 : Math.Max(FewestPerClass, count / classes.Count);
        var chosen = classes.Select(images => EvenlySpaced.Of(images, perClass)).ToArray();
        LabelledImage[] inTurn =
        [
            .. Enumerable.Range(0, perClass).SelectMany(i => chosen.Where(images => i < images.Count).Select(images => images[i])),
        ];
        PixelImage[] pixels = [.. ImageLoader.Batches(inTurn, Math.Max(1, inTurn.Length), cancellation).SelectMany(batch => batch.Pixels)];
        return new LabelledSample(pixels, [.. inTurn.Select(image => image.Label)], dataset.ClassNames);
    }

    /// <summary>The first images, which are spread over the classes too.</summary>
    public LabelledSample First(int count) =>
        count >= Count ? this : new LabelledSample(pixels[..count], [.. Labels.Take(count)], ClassNames);

    /// <summary>The images as tensors C × H × W, some at a time; the caller disposes them.</summary>
    public IEnumerable<Tensor[]> Batches(int size, Device device) => pixels.Chunk(size).Select(part => Views.ToTensors(part, device));
}
