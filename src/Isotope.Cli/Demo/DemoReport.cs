using System.Text.Json.Serialization;
using Isotope.Carriers;
using Isotope.Detection;

namespace Isotope.Cli.Demo;

/// <summary>A model of the demo.</summary>
internal sealed record ModelReport(double Log10P, double Accuracy)
{
    public static ModelReport Of(DetectionResult result, double accuracy) => new(result.PValue.Log10, accuracy);
}

/// <summary>The control model under keys that nobody marked anything with: how often a test at 5 % and 1 % would accuse it.</summary>
internal sealed record FreshKeyReport(int Keys, double Below5Percent, double Below1Percent, double MedianLog10P)
{
    public static FreshKeyReport Of(AlignedClassifier control, int classes, int dimension)
    {
        var sorted = Enumerable.Range(0, DemoRun.FreshKeys)
            .Select(seed => WhiteBoxTest.Test(CarrierKey.FromSeed(classes, dimension, seed), control, manifestChecked: true).PValue.Log10)
            .Order().ToArray();
        return new FreshKeyReport(sorted.Length, Share(0.05), Share(0.01), sorted[sorted.Length / 2]);

        double Share(double level) => sorted.Count(p => p <= Math.Log10(level)) / (double)sorted.Length;
    }
}

/// <summary>What the demo found.</summary>
internal sealed record DemoReport(
    string Isotope,
    ModelReport Marked,
    ModelReport Control,
    FreshKeyReport ControlUnderFreshKeys,
    int Images,
    int MarkedImages,
    double Fraction,
    double? MeanPsnr,
    double MeanDisplacement,
    string KeyOrigin,
    string KeyCommitment,
    string Folder);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DemoReport))]
internal sealed partial class DemoJson : JsonSerializerContext;
