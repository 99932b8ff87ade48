using Isotope.Evidence;
using Isotope.Files;

namespace Isotope.Cli.Commands;

/// <summary>What the check of a result or a commitment found.</summary>
internal sealed record VerifyReport(string Isotope, bool Agrees, IReadOnlyList<Finding> Findings)
{
    public static VerifyReport Of(IReadOnlyList<Finding> findings) =>
        new(RunSettings.Version, findings.All(finding => finding.Outcome != Outcome.Differs), findings);
}
