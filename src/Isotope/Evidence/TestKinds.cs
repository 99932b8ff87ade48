namespace Isotope.Evidence;

/// <summary>Kinds of tests, as results and ledger call them.</summary>
public static class TestKinds
{
    /// <summary>The suspect's weights are at hand.</summary>
    public const string WhiteBox = "white-box";

    /// <summary>Only its outputs are.</summary>
    public const string BlackBox = "black-box";

    /// <summary>No model: are images marked?</summary>
    public const string Images = "images";
}
