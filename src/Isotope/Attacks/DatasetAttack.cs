using Isotope.Datasets;
using Isotope.Numerics;
using Isotope.Runs;

namespace Isotope.Attacks;

/// <summary>
/// What somebody may do to images before training on them, in the hope that the mark goes away: all of them alike, since nobody knows which
/// are marked (paper §6).
/// </summary>
public static class DatasetAttack
{
    /// <summary>Images as JPEG of a quality leaves them.</summary>
    /// <param name="dataset">Images, which stay as they are: each is changed whenever it is read.</param>
    /// <param name="quality">30 to 100.</param>
    /// <exception cref="IsotopeException">The quality is out of range.</exception>
    public static Dataset Recompress(Dataset dataset, int quality)
    {
        var encoding = ImageEncoding.Jpeg(quality);
        return dataset.Change((id, image) => encoding.Encode(id, image).Pixels);
    }

    /// <summary>Images with Gaussian noise of their own, the same at every reading.</summary>
    /// <param name="dataset">Images, which stay as they are.</param>
    /// <param name="deviation">Standard deviation, grey levels; 2 is 42 dB.</param>
    /// <param name="seed">Seed of the noise.</param>
    /// <exception cref="IsotopeException">The deviation is negative or not finite.</exception>
    public static Dataset AddNoise(Dataset dataset, double deviation, long seed)
    {
        OptionCheck.Require(deviation is >= 0 and <= 255, "noise", "0 to 255 grey levels", deviation);
        return dataset.Change((id, image) => image.PlusNoise(deviation, new RandomStream(seed, $"noise {id}")));
    }
}
