using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>
/// Chooses the images that are marked: a fraction of the dataset, spread evenly over its classes. The choice follows from the key and the
/// images alone, and a larger fraction contains every smaller one.
/// </summary>
internal static class ImageSelection
{
    /// <summary>
    /// Draws a fraction of the dataset, rounded to whole images. Every class gives its share, within an image or so, and which small
    /// classes give one more is up to the key. An image that is there more than once is never drawn: its copy would tell the original.
    /// </summary>
    /// <returns>The images to mark, in the dataset's order.</returns>
    /// <exception cref="IsotopeException">The fraction is not in (0, 1], or too small for a single image.</exception>
    public static IReadOnlyList<LabelledImage> Draw(Dataset dataset, CarrierKey key, double fraction) =>
        Draw(dataset, Copies.In(dataset.Images), key, fraction);

    /// <param name="dataset">The dataset.</param>
    /// <param name="copies">Its images that are there more than once.</param>
    /// <param name="key">The owner's key.</param>
    /// <param name="fraction">The fraction.</param>
    /// <inheritdoc cref="Draw(Dataset, CarrierKey, double)"/>
    internal static IReadOnlyList<LabelledImage> Draw(Dataset dataset, HashSet<LabelledImage> copies, CarrierKey key, double fraction)
    {
        RequireFraction(fraction);
        var chosen = dataset
            .Images.Where(image => !copies.Contains(image))
            .GroupBy(image => image.Label)
            .SelectMany(images => Spread([.. images], key))
            .OrderBy(image => image.Turn)
            .Take(Share(dataset, fraction))
            .Select(image => image.Image)
            .ToHashSet();
        OptionCheck.Require(chosen.Count > 0, "--fraction", "enough for one image that is there once", fraction);
        return [.. dataset.Images.Where(chosen.Contains)];
    }

    /// <exception cref="IsotopeException">The fraction is not in (0, 1].</exception>
    internal static void RequireFraction(double fraction) =>
        OptionCheck.Require(fraction is > 0 and <= 1, "--fraction", "above 0 and at most 1", fraction);

    /// <summary>A random number of an image, drawn from the key. The images of a class with the lowest numbers are chosen first.</summary>
    internal static ulong PlaceOf(string imageId, CarrierKey key) => key.Stream($"select {imageId}").NextUInt64();

    /// <summary>How many images are drawn.</summary>
    internal static int CountOf(Dataset dataset, double fraction) =>
        Math.Min(Share(dataset, fraction), dataset.Images.Count - Copies.In(dataset.Images).Count);

    private static int Share(Dataset dataset, double fraction) =>
        (int)Math.Round(fraction * dataset.Images.Count, MidpointRounding.AwayFromZero);

    /// <summary>The images of a class in the order of their places, at random points of equal parts of 0…1.</summary>
    private static IEnumerable<(LabelledImage Image, double Turn)> Spread(LabelledImage[] images, CarrierKey key) =>
        images
            .OrderBy(image => PlaceOf(image.Id, key))
            .Select((image, k) => (image, (k + key.Stream($"turn {image.Id}").NextDouble()) / images.Length));
}
