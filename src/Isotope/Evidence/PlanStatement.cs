using Isotope.Carriers;
using Isotope.Carriers.Draws;
using Isotope.Files;

namespace Isotope.Evidence;

/// <summary>How a test stands to the plan that its key was drawn with.</summary>
/// <param name="Sha256">Hash of the plan.</param>
/// <param name="Beacon">The public random value that the key was drawn with.</param>
/// <param name="DrawnAt">When that came out.</param>
/// <param name="Open">Options that the plan leaves to be chosen for a suspect.</param>
/// <param name="Deviations">What was chosen otherwise than planned; empty where nothing was.</param>
public sealed record PlanStatement(
    string Sha256,
    string Beacon,
    DateTimeOffset DrawnAt,
    IReadOnlyList<string> Open,
    IReadOnlyList<string> Deviations
)
{
    /// <summary>The statement of a test; null if its key was drawn without a plan, so that its owner could have chosen it.</summary>
    /// <exception cref="IsotopeException">The key's plan or beacon can't be read.</exception>
    public static PlanStatement? Of(CarrierKey key, IEnumerable<Finding> deviations)
    {
        if (TestPlan.Of(key) is not { } plan)
            return null;
        var beacon = key.Draw!.ReadBeacon();
        return new(
            key.Draw.PlanSha256,
            $"{beacon.Source} {beacon.Round}",
            beacon.Time,
            plan.Open,
            [.. deviations.Select(finding => $"{finding.Statement}: planned {finding.Stated}, found {finding.Found}")]
        );
    }

    /// <summary>What follows from a key's plan, beacon and time stamp.</summary>
    /// <param name="key">The key or its opening.</param>
    /// <param name="roots">Certificates of time-stamping authorities to trust. Default: those that the system trusts.</param>
    public static IEnumerable<Finding> Check(CarrierKey key, string? roots = null)
    {
        if (TestPlan.Of(key) is not { } plan)
        {
            yield return Finding.Skipped(
                "key drawn after all was fixed",
                key.Origin,
                "no plan, no beacon: its owner could have chosen this key"
            );
            yield break;
        }

        var beacon = key.Draw!.ReadBeacon();
        yield return Finding.Same("secret, as planned", plan.CarrierSecretSha256, Hashes.OfBytes(key.CarrierSecret));
        yield return new Finding(
            "carriers follow from plan and beacon",
            key.Draw.PlanSha256,
            $"{beacon.Source} {beacon.Round}",
            key.IsDrawnFromSecret is true ? Outcome.Agrees : Outcome.Differs
        );
        yield return new Finding(
            "first value of the beacon from the planned time",
            $"{plan.Beacon}, {plan.DrawAt:u}",
            $"{beacon.Source}, {beacon.Time:u}",
            beacon.Source == plan.Beacon && beacon.IsFirstFrom(plan.DrawAt) ? Outcome.Agrees : Outcome.Differs
        );
        yield return Finding.Skipped(
            "the beacon's value is genuine",
            beacon.Round,
            $"look it up at its source{(beacon.SignedBy is { } signer ? $"; its signature fits the certificate of {signer}" : "")}"
        );
        yield return OfTimeStamp(key.Draw, plan, roots);
    }

    /// <summary>Whether somebody else dates the plan before the beacon.</summary>
    private static Finding OfTimeStamp(KeyDraw draw, TestPlan plan, string? roots)
    {
        const string statement = "plan older than the beacon";
        var stated = $"{plan.DrawAt:u}";
        if (draw.TimeStamp is null)
            return Finding.Skipped(statement, stated, "nobody else dates the plan: its owner could have chosen this key");
        var stamp = TimeStamp.Of("the plan's time stamp", draw.TimeStamp, draw.Plan, roots);
        var found = $"{stamp.Time:u}, by {stamp.Authority}";
        if (stamp.Time >= plan.DrawAt)
            return new Finding(statement, stated, found, Outcome.Differs);
        return stamp.IsTrusted
            ? new Finding(statement, stated, found, Outcome.Agrees)
            : Finding.Skipped(statement, stated, $"{found}, whose certificate nobody here trusts (--authority)");
    }
}
