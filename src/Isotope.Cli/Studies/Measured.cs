namespace Isotope.Cli.Studies;

/// <summary>What was measured in a cell.</summary>
internal sealed class Measured
{
    /// <summary>The names that numbers can have; a recipe's table shows some of them.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "accuracy",
        "carrierCosine",
        "carrierMean",
        "displacement",
        "log10P",
        "log10PBlackBox",
        "log10PImages",
        "log10PModel",
        "log10PPaper",
        "lossGap",
        "lossGapHigh",
        "lossGapLow",
        "mark",
        "meanCosine",
        "noiseChange",
        "noiseRaised",
        "noiseRaisedMost",
        "projectionNorm",
        "psnr",
        "queries",
        "rSquared",
        "randomDeviation",
        "rank",
        "semantic",
        "semanticMean",
        "spearman",
        "spearmanLog10P",
        "triggerChange",
        "triggerRaised",
        "wrongKeysBelow1Percent",
    ];

    private readonly SortedDictionary<string, double> values = new(StringComparer.Ordinal);

    /// <summary>Numbers by name.</summary>
    public IReadOnlyDictionary<string, double> Values => values;

    /// <summary>Adds a number under one of <see cref="Names"/>.</summary>
    public double this[string name]
    {
        set => values[Names.Contains(name) ? name : throw new ArgumentException($"no measure is called {name}", nameof(name))] = value;
    }

    /// <summary>Lists of numbers by name, such as cosines.</summary>
    public SortedDictionary<string, IReadOnlyList<double>> Series { get; } = new(StringComparer.Ordinal);

    /// <summary>Hashes of inputs by name.</summary>
    public SortedDictionary<string, string> Inputs { get; } = new(StringComparer.Ordinal);
}
