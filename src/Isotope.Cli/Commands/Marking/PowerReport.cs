using Isotope.Detection;
using Isotope.Files;
using Isotope.Statistics;

namespace Isotope.Cli.Commands.Marking;

/// <summary>What <c>power</c> expects a test to find: by the theory, and by one simulation less its control.</summary>
internal sealed record PowerReport(
    string Isotope,
    int Classes,
    int Dimension,
    int Images,
    double Fraction,
    double? MeanPsnr,
    double MeanDisplacement,
    PowerEstimate Theory,
    PowerEstimate Simulation
)
{
    /// <exception cref="IsotopeException">It can't be read, or is something else.</exception>
    public static PowerReport Load(string path) => JsonFile.Load(path, ReportJson.Default.PowerReport, "what isotope power --json wrote");

    public string[] Lines() =>
        [
            $"dataset     {Classes} classes, {Images} images taken, {Dimension} dimensions",
            $"marks       {100 * Fraction:G3} % of the images, {MeanPsnr:F1} dB, features moved by {MeanDisplacement:F2}",
            $"theory      {Theory.Describe()}",
            $"simulation  {Simulation.Describe()} (one throw-away key less its control)",
            "Both are of the paper's statistic, classes combined by Stouffer's method, for a classifier retrained on the marking "
                + "network's features without",
            "augmentation; the default statistic finds more. For a network trained from scratch no theory tells: train one with isotope "
                + "train and test it.",
            "A test that finds nothing is inconclusive at this power, no more.",
        ];
}

/// <summary>What a test is expected to find.</summary>
/// <param name="MedianLog10P">Median of log₁₀ p.</param>
/// <param name="Power">Probability of p &lt; 10⁻⁴.</param>
/// <param name="SmallestFraction">The smallest fraction marked for which that is 90 %; null if none is enough.</param>
internal sealed record PowerEstimate(double MedianLog10P, double Power, double? SmallestFraction)
{
    private const double WantedPower = 0.9;
    private static readonly PValue Level = new(-4);

    /// <summary>By the theory.</summary>
    public static PowerEstimate Of(FixedFeaturePower theory, double fraction)
    {
        var law = theory.At(fraction);
        return new(law.MedianPValue.Log10, law.Power(Level), Possible(theory.SmallestFraction(Level, WantedPower)));
    }

    /// <summary>By a z-score's law at one fraction; its shift is taken to be proportional to the fraction.</summary>
    public static PowerEstimate Of(ShiftedNormal law, double fraction)
    {
        var wanted = ShiftedNormal.Detectable(Level, WantedPower).Shift;
        var smallest = law.Shift > 0 ? Possible(fraction * wanted / law.Shift) : null;
        return new(law.MedianPValue.Log10, law.Power(Level), smallest);
    }

    public string Describe()
    {
        var smallest = SmallestFraction is null ? "no fraction" : $"q = {100 * SmallestFraction:G3} %";
        return $"median p = {new PValue(MedianLog10P)}; p < 0.0001 in {100 * Power:F0} % of cases; in 90 % from {smallest}";
    }

    private static double? Possible(double fraction) => fraction <= 1 ? fraction : null;
}
