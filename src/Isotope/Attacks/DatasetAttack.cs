using Isotope.Datasets;
using Isotope.Numerics;
using Isotope.Runs;

namespace Isotope.Attacks;

/// <summary>
/// Ways to change images before training on them, in the hope of removing the mark (paper §6). All images are treated alike, since an
/// attacker does not know which are marked.
/// </summary>
internal static class DatasetAttack
{
    /// <summary>The images after JPEG compression.</summary>
    /// <param name="dataset">The images. Their files stay as they are: each image is changed whenever it is read.</param>
    /// <param name="quality">JPEG quality, 30 to 100.</param>
    /// <exception cref="IsotopeException">The quality is out of range.</exception>
    public static Dataset Recompress(Dataset dataset, int quality)
    {
        var encoding = ImageEncoding.Jpeg(quality);
        return dataset.Change((id, image) => encoding.Encode(id, image).Pixels);
    }

    /// <summary>The images with Gaussian noise; each image's noise is the same at every reading.</summary>
    /// <param name="dataset">The images. Their files stay as they are.</param>
    /// <param name="deviation">Standard deviation, grey levels, 0 to 255; 2 is a PSNR of 42 dB.</param>
    /// <param name="seed">Seed of the noise.</param>
    /// <exception cref="IsotopeException">The deviation is out of range.</exception>
    public static Dataset AddNoise(Dataset dataset, double deviation, long seed)
    {
        OptionCheck.Require(deviation is >= 0 and <= 255, "noise", "0 to 255 grey levels", deviation);
        return dataset.Change((id, image) => image.PlusNoise(deviation, new RandomStream(seed, $"noise {id}")));
    }
}
