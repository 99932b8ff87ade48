using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>Chooses the images that are marked.</summary>
internal static class ImageSelection
{
    /// <summary>
    /// Draws a fraction of every class, rounded to whole images. The choice follows from the key and the images' ids alone, and a larger
    /// fraction contains every smaller one.
    /// </summary>
    /// <returns>The images to mark, in the dataset's order.</returns>
    /// <exception cref="IsotopeException">The fraction is not in (0, 1], or too small for a single image.</exception>
    public static IReadOnlyList<LabelledImage> Draw(Dataset dataset, CarrierKey key, double fraction)
    {
        RequireFraction(fraction);
        var chosen = dataset.Images.GroupBy(image => image.Label).SelectMany(images => OfClass([.. images], key, fraction)).ToHashSet();
        OptionCheck.Require(chosen.Count > 0, "--fraction", "enough for one image of a class", fraction);
        return [.. dataset.Images.Where(chosen.Contains)];
    }

    /// <exception cref="IsotopeException">The fraction is not in (0, 1].</exception>
    internal static void RequireFraction(double fraction) =>
        OptionCheck.Require(fraction is > 0 and <= 1, "--fraction", "above 0 and at most 1", fraction);

    /// <summary>How many images of a class are marked.</summary>
    internal static int CountOf(int images, double fraction) => (int)Math.Round(fraction * images, MidpointRounding.AwayFromZero);

    /// <summary>A random number of an image, drawn from the key. The images of a class with the lowest numbers are chosen first.</summary>
    internal static ulong PlaceOf(string imageId, CarrierKey key) => key.Stream($"select {imageId}").NextUInt64();

    private static IEnumerable<LabelledImage> OfClass(LabelledImage[] images, CarrierKey key, double fraction) =>
        images.OrderBy(image => PlaceOf(image.Id, key)).Take(CountOf(images.Length, fraction));
}
