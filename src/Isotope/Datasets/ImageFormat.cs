namespace Isotope.Datasets;

/// <summary>A lossless format that images are written in.</summary>
public enum ImageFormat
{
    /// <summary>PNG.</summary>
    Png,

    /// <summary>A NumPy array of bytes: height × width × 3, or height × width for grey images.</summary>
    Npy,
}
