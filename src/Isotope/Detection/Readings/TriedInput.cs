using Isotope.Networks;

namespace Isotope.Detection.Readings;

/// <summary>One way of giving images to a network, and how the network did.</summary>
/// <param name="Input">Size, crop, normalisation and order of channels.</param>
/// <param name="Reading">How the network did.</param>
/// <param name="InOrder">Whether the largest output of each image stands where its class does; null as the reading's accuracy.</param>
/// <param name="Matched">Whether each image is told from the other classes, wherever they stand.</param>
internal sealed record TriedInput(InputSpec Input, NetworkReading Reading, bool[]? InOrder, bool[] Matched)
{
    /// <summary>The accuracy that ways are compared by.</summary>
    public double Accuracy(bool byOrder) => byOrder ? Reading.Accuracy ?? 0 : Reading.MatchedAccuracy;

    /// <summary>
    /// By how many standard errors another way is better, on the images that only one of both recognises (McNemar).
    /// </summary>
    public double Behind(TriedInput other, bool byOrder)
    {
        var (own, others) = byOrder ? (InOrder!, other.InOrder!) : (Matched, other.Matched);
        var gained = own.Zip(others).Count(pair => !pair.First && pair.Second);
        var lost = own.Zip(others).Count(pair => pair.First && !pair.Second);
        return gained == lost ? 0 : (gained - lost) / Math.Sqrt(gained + lost);
    }
}
