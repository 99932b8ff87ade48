using Isotope.Runs;

namespace Isotope.Detection.BlackBoxes;

/// <summary>Settings of the black-box test. Fix them before the suspect model is asked.</summary>
public sealed record BlackBoxOptions
{
    /// <summary>Most images the suspect is asked about. Default: the whole query set.</summary>
    public long? QueryBudget { get; init; }

    /// <summary>
    /// Level α of the sequential test, which stops as soon as it can. Default: none, so that everything is asked and the p-value is that of
    /// the fixed test.
    /// </summary>
    public double? SequentialLevel { get; init; }

    /// <summary>Also ask about the vanilla images, for the paper's loss gap. Default: false.</summary>
    public bool WithVanilla { get; init; }

    /// <summary>Checks ranges.</summary>
    /// <exception cref="IsotopeException">An option is out of range.</exception>
    public void Validate()
    {
        OptionCheck.Require(QueryBudget is null or >= 1, "--query-budget", "at least 1", QueryBudget);
        OptionCheck.Require(SequentialLevel is null or (> 0 and < 1), "--sequential", "a level between 0 and 1", SequentialLevel);
    }
}
