namespace Isotope.Detection.Readings;

/// <summary>How a network did on vanilla images whose classes are known: whether it was understood.</summary>
/// <param name="Images">Number of images.</param>
/// <param name="Chance">Accuracy of a guess.</param>
/// <param name="Accuracy">Share of images whose largest output stands where their class does; null if the network has another number of
/// classes.</param>
/// <param name="MatchedAccuracy">Share of images that outputs tell from the other classes, wherever classes stand among them: each image
/// is given the class whose mean output, on the other half of the images, is nearest.</param>
/// <param name="Confidence">Mean of the largest probability; null if the network has no classifier.</param>
public sealed record NetworkReading(int Images, double Chance, double? Accuracy, double MatchedAccuracy, double? Confidence)
{
    /// <summary>The better of both accuracies.</summary>
    public double Best => Math.Max(Accuracy ?? 0, MatchedAccuracy);

    /// <summary>Whether it did no better than a guess would, by three standard errors.</summary>
    public bool IsNearChance => Best <= Chance + 3 * Math.Sqrt(Chance * (1 - Chance) / Math.Max(1, Images));
}
