using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>Which images carry the mark.</summary>
public static class ImageSelection
{
    /// <summary>
    /// A fraction of every class, rounded, drawn by the key: which images follows from (key, image ids) alone, and a larger
    /// fraction contains the smaller.
    /// </summary>
    /// <returns>The images to mark, in the dataset's order.</returns>
    /// <exception cref="IsotopeException">The fraction is not in (0, 1] or selects nothing.</exception>
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

    private static IEnumerable<LabelledImage> OfClass(LabelledImage[] images, CarrierKey key, double fraction) =>
        images.OrderBy(image => key.Stream($"select {image.Id}").NextUInt64()).Take(CountOf(images.Length, fraction));
}
