using Isotope.Detection;

namespace Isotope.Cli.Demo;

/// <summary>What the demo found for one model.</summary>
/// <param name="Log10P">log₁₀ of the p-value, by the paper's test.</param>
/// <param name="Accuracy">On vanilla test images, 0 to 1.</param>
/// <param name="FreshKeys">The same test under keys that marked nothing: how often it would accuse the model.</param>
internal sealed record ModelReport(double Log10P, double Accuracy, RankCheck FreshKeys);

/// <summary>What the demo found.</summary>
internal sealed record DemoReport(
    string Isotope,
    ModelReport Marked,
    ModelReport Control,
    int Images,
    int MarkedImages,
    double Fraction,
    double? MeanPsnr,
    double MeanDisplacement,
    string KeyOrigin,
    string KeyCommitment,
    string Folder
);
