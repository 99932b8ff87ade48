using Isotope.Detection.Classes;
using Isotope.Networks;

namespace Isotope.Detection;

/// <summary>The statistic whose p-value counts in a white-box test.</summary>
public enum WhiteBoxStatistic
{
    /// <summary>
    /// The suspect's response (<see cref="FeatureResponse"/>) minus that of references; classes are combined by Stouffer's method.
    /// </summary>
    Response,

    /// <summary>The rows of the aligned classifier (paper §3.4); classes are combined by Fisher's method.</summary>
    Paper,
}

/// <summary>Settings of the white-box test. Fix them before the suspect model is seen.</summary>
public sealed record WhiteBoxOptions
{
    private const string Reference = "reference-network";

    /// <summary>
    /// The statistic that counts. Default: the response if there is a reference for it, otherwise the paper's, which is always reported.
    /// </summary>
    public WhiteBoxStatistic? Statistic { get; init; }

    /// <summary>
    /// Models that never saw the marks, ideally the owner's own, trained on the vanilla images as the suspect may have been. Default: the
    /// marking network, if it tells the classes of the images and is not the suspect itself.
    /// </summary>
    public IReadOnlyList<Network> References { get; init; } = [];

    /// <summary>
    /// Which of the suspect's outputs stand for the owner's classes. Default: the owner's order where it fits, else a map found from the
    /// vanilla labelled images. References are read by the default rule.
    /// </summary>
    public ClassMap? Classes { get; init; }

    /// <summary>Probes of the response. Default 20,000; use at least ten or so per dimension.</summary>
    public int Probes { get; init; } = FeatureResponse.DefaultProbes;

    /// <summary>Fresh keys among which the p-value is ranked to check its formula. Default 999.</summary>
    public int RankSets { get; init; } = RankCheck.DefaultSets;

    /// <summary>Checks ranges.</summary>
    /// <exception cref="IsotopeException">An option is out of range.</exception>
    public void Validate()
    {
        FeatureResponse.RequireProbes(Probes);
        RankCheck.RequireSets(RankSets);
    }

    /// <exception cref="IsotopeException">A reference is the suspect itself, or the only one would be.</exception>
    internal void RequireOthers(Network marking, Network tested)
    {
        if (Statistic == WhiteBoxStatistic.Response && References.Count == 0 && IsSame(marking, tested))
            throw NoReference("is the suspect model itself");
        if (References.Any(reference => IsSame(reference, tested)))
            throw new IsotopeException("--reference-network: expected another model than the suspect, found the same file");
    }

    /// <summary>The references of the response; none if the paper's statistic counts.</summary>
    /// <exception cref="IsotopeException">The response was asked for, and there is no reference.</exception>
    internal IReadOnlyList<ReadNetwork> ReferencesFor(Network marking, Network tested, ClassReader reader)
    {
        if (Statistic == WhiteBoxStatistic.Paper)
            return [];
        if (References.Count > 0)
            return [.. References.Select((reference, i) => reader.Read(reference, i == 0 ? Reference : $"{Reference} {i + 1}"))];
        var problem = "is the suspect model itself";
        if (!IsSame(marking, tested) && reader.TryRead(marking, "marking-network", said: null, out problem) is { } read)
            return [read];
        if (Statistic is null)
            return [];
        throw NoReference(IsSame(marking, tested) ? problem : $"can't serve ({problem})");
    }

    private static IsotopeException NoReference(string problem) =>
        new(
            "--statistic response: expected --reference-network, a model of your own trained on vanilla images, since the marking "
                + $"network {problem}; found none"
        );

    private static bool IsSame(Network one, Network other) =>
        ReferenceEquals(one, other) || (one.Sha256 is { } hash && hash == other.Sha256);
}
