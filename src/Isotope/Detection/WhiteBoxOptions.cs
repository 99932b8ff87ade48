using Isotope.Networks;

namespace Isotope.Detection;

/// <summary>The statistic that a white-box test's p-value is of.</summary>
public enum WhiteBoxStatistic
{
    /// <summary>
    /// The suspect's response (<see cref="FeatureResponse"/>) less that of references; classes combined by Stouffer's method.
    /// </summary>
    Response,

    /// <summary>The rows of the aligned classifier (paper §3.4); classes combined by Fisher's method.</summary>
    Paper,
}

/// <summary>What the white-box test is made with. Fix it before the suspect model is seen.</summary>
public sealed record WhiteBoxOptions
{
    /// <summary>
    /// The statistic that counts. Default: the response where there is a reference for it, else the paper's. The paper's is
    /// reported in any case.
    /// </summary>
    public WhiteBoxStatistic? Statistic { get; init; }

    /// <summary>
    /// Models that never saw the marks, best the owner's own, trained on the vanilla images as the suspect may have been. Default: the
    /// marking network, where it has as many classes as the suspect and is not itself suspected.
    /// </summary>
    public IReadOnlyList<Network> References { get; init; } = [];

    /// <summary>Probes of the response. Default 20,000; at least some ten a dimension.</summary>
    public int Probes { get; init; } = FeatureResponse.DefaultProbes;

    /// <summary>Fresh carrier sets among which the p-value is ranked to check its formula. Default 999.</summary>
    public int RankSets { get; init; } = RankCheck.DefaultSets;

    /// <summary>Checks ranges.</summary>
    /// <exception cref="IsotopeException">An option is out of range.</exception>
    public void Validate()
    {
        FeatureResponse.RequireProbes(Probes);
        RankCheck.RequireSets(RankSets);
    }

    /// <summary>The references of the response; none where the paper's statistic counts.</summary>
    /// <exception cref="IsotopeException">The response was asked for, and there is no reference.</exception>
    internal IReadOnlyList<Network> ReferencesFor(Network marking, Network tested)
    {
        if (Statistic == WhiteBoxStatistic.Paper)
            return [];
        if (References.Count > 0)
            return References;
        if (marking.Classes == tested.Classes && !IsSame(marking, tested))
            return [marking];
        var reason =
            marking.Classes == tested.Classes
                ? "is the suspect model itself"
                : $"has {marking.Classes} classes and the suspect model {tested.Classes}";
        return Statistic is null
            ? []
            : throw new IsotopeException(
                $"--statistic response: expected --reference-network, a model of your own trained on vanilla images, since the marking "
                    + $"network {reason}; found none"
            );
    }

    private static bool IsSame(Network one, Network other) =>
        ReferenceEquals(one, other) || (one.Sha256 is { } hash && hash == other.Sha256);
}
