namespace Isotope.Datasets;

/// <summary>Images that are in a dataset more than once, byte for byte.</summary>
internal static class Copies
{
    /// <summary>The images that have a copy. Few others are read whole.</summary>
    /// <returns>All of them, in any class; images that can't be read are not among them.</returns>
    public static HashSet<LabelledImage> In(IEnumerable<LabelledImage> images) =>
        [.. WithSame(WithSame(images, source => source.Outline()), source => source.Sha256())];

    private static IEnumerable<LabelledImage> WithSame(IEnumerable<LabelledImage> images, Func<ImageSource, string> trait) =>
        images
            .GroupBy(image => Try(image.Source, trait))
            .Where(same => same.Key is not null && same.Skip(1).Any())
            .SelectMany(same => same);

    private static string? Try(ImageSource source, Func<ImageSource, string> trait)
    {
        try
        {
            return trait(source);
        }
        catch (IsotopeException)
        {
            return null;
        }
    }
}
