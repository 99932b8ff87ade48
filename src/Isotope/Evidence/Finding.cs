namespace Isotope.Evidence;

/// <summary>What became of checking one statement of a result.</summary>
public enum Outcome
{
    /// <summary>What was recomputed is what was stated.</summary>
    Agrees,

    /// <summary>It is not.</summary>
    Differs,

    /// <summary>What it takes was not given, or is not in the file.</summary>
    NotChecked,
}

/// <summary>One statement of a result, checked.</summary>
/// <param name="Statement">What was stated.</param>
/// <param name="Stated">Its value in the file.</param>
/// <param name="Found">The value recomputed, or why there is none.</param>
/// <param name="Outcome">Whether they agree.</param>
public sealed record Finding(string Statement, string Stated, string Found, Outcome Outcome)
{
    /// <summary>Of two names or hashes: equal, or not.</summary>
    public static Finding Same(string statement, string stated, string found) =>
        new(statement, stated, found, stated == found ? Outcome.Agrees : Outcome.Differs);

    /// <summary>Of two numbers: within a tolerance, absolute and relative.</summary>
    public static Finding Close(string statement, double stated, double found, double tolerance) =>
        new(
            statement,
            FormattableString.Invariant($"{stated:G6}"),
            FormattableString.Invariant($"{found:G6}"),
            stated == found || Math.Abs(stated - found) <= tolerance * (1 + Math.Abs(stated)) ? Outcome.Agrees : Outcome.Differs
        );

    /// <summary>One finding where all of several agree; else those that do not.</summary>
    public static IEnumerable<Finding> Summary(string statement, IReadOnlyList<Finding> findings) =>
        findings.All(finding => finding.Outcome == Outcome.Agrees)
            ? [Same(statement, $"{findings.Count} values", $"{findings.Count} values")]
            : findings.Where(finding => finding.Outcome != Outcome.Agrees);

    /// <summary>Not checked, and why.</summary>
    public static Finding Skipped(string statement, string stated, string reason) => new(statement, stated, reason, Outcome.NotChecked);
}
