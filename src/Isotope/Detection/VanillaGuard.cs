using Isotope.Datasets;

namespace Isotope.Detection;

/// <summary>
/// Keeps radioactive images out of the alignment: they depend on the carriers, and would make the p-value wrong. Images
/// are recognised by their pixels, wherever they lie and however they are encoded (losslessly).
/// </summary>
public static class VanillaGuard
{
    /// <summary>Refuses a dataset with a marked image in it.</summary>
    /// <exception cref="IsotopeException">An image is marked.</exception>
    public static void Check(Dataset images, Manifest manifest, CancellationToken cancellation = default)
    {
        var marked = manifest.Images.Select(image => image.PixelsSha256).ToHashSet(StringComparer.Ordinal);
        foreach (var image in images.Images)
        {
            cancellation.ThrowIfCancellationRequested();
            if (marked.Contains(Hashes.OfPixels(image.Source.Decode())))
                throw new IsotopeException($"{image.Source.Name}: expected a vanilla image, found one that the manifest says is marked; marked images would bias the p-value");
        }
    }
}
