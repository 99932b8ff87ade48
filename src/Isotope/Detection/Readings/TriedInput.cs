using Isotope.Networks;

namespace Isotope.Detection.Readings;

/// <summary>One way of giving images to a network, and how the network did.</summary>
/// <param name="Input">Size, crop, normalisation and order of channels.</param>
/// <param name="Reading">How the network did.</param>
/// <param name="Right">Whether each image was recognised, in the way that <see cref="NetworkReading.Best"/> counts.</param>
internal sealed record TriedInput(InputSpec Input, NetworkReading Reading, IReadOnlyList<bool> Right)
{
    /// <summary>
    /// By how many standard errors the other way is better than this one, on the images that only one of them recognises (McNemar).
    /// </summary>
    public double Behind(TriedInput other)
    {
        var pairs = Right.Zip(other.Right).ToArray();
        var gained = pairs.Count(pair => !pair.First && pair.Second);
        var lost = pairs.Count(pair => pair.First && !pair.Second);
        return gained == lost ? 0 : (gained - lost) / Math.Sqrt(gained + lost);
    }
}
