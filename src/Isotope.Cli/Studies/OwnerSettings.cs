namespace Isotope.Cli.Studies;

/// <summary>How the owner tests.</summary>
internal sealed record OwnerSettings
{
    /// <summary>
    /// Number of vanilla models that the owner trains as references of the response (see <see cref="Reference"/>); 0 to take the marking
    /// network instead.
    /// </summary>
    public int References { get; init; }

    /// <summary>How references are trained, with seeds that no suspect has. Default: as the suspect is.</summary>
    public SuspectSettings? Reference { get; init; }

    /// <summary>Number of probes of the response.</summary>
    public int Probes { get; init; } = 20_000;

    /// <summary>Versions K of each image that a black box is asked about.</summary>
    public int Versions { get; init; } = 20;

    /// <summary>Marked images of each class that a black box is asked about.</summary>
    public int QueriesPerClass { get; init; } = 50;

    /// <summary>They are drawn from this fraction of the training images: the smallest fraction that is published.</summary>
    public double QueryFraction { get; init; } = 0.1;
}
