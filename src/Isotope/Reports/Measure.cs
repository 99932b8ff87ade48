namespace Isotope.Reports;

/// <summary>The names of what studies measure, on pages and plots.</summary>
internal static class Measure
{
    private static readonly Dictionary<string, string> Names = new()
    {
        ["q"] = "marked fraction q",
        ["log10P"] = "log₁₀ p",
        ["log10PPaper"] = "log₁₀ p, paper's test",
        ["log10PBlackBox"] = "log₁₀ p, outputs alone",
        ["log10PImages"] = "log₁₀ p of the images",
        ["log10PModel"] = "log₁₀ p of the model",
        ["lossGap"] = "loss gap",
        ["rSquared"] = "R²",
        ["wrongKeysBelow1Percent"] = "wrong keys below 1 %",
        ["triggerRaised"] = "raised by the trigger",
        ["noiseRaised"] = "raised by other noise",
        ["noiseRaisedMost"] = "raised by the most of other noises",
        ["rank"] = "the trigger's rank among noises",
    };

    /// <summary>The name of a measure or an axis in words; unknown ones keep their own.</summary>
    public static string Name(string measure) => Names.GetValueOrDefault(measure, measure);

    /// <summary>Whether it is one of our logarithms of p-values, whose name is safe in a file's name.</summary>
    public static bool IsLogP(string measure) => Names.ContainsKey(measure) && measure.StartsWith("log10P", StringComparison.Ordinal);
}
