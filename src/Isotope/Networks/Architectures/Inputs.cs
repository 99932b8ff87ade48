namespace Isotope.Networks.Architectures;

/// <summary>What architectures take, unless a checkpoint states another input.</summary>
internal static class Inputs
{
    /// <summary>32 × 32 pixels, the whole image.</summary>
    public static readonly InputSpec Cifar = new() { Size = 32 };

    /// <summary>224 × 224 pixels from the centre of an image whose shorter side is 256.</summary>
    public static readonly InputSpec ImageNet = Cropped(224, 256);

    /// <summary>A square from the centre of an image whose shorter side is <paramref name="resized"/>, pixels.</summary>
    public static InputSpec Cropped(int size, int resized) => new() { Size = size, CentreRatio = size / (double)resized };
}
