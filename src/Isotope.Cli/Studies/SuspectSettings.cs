using Isotope.Training;

namespace Isotope.Cli.Studies;

/// <summary>How somebody who has the images trains the suspect.</summary>
internal sealed record SuspectSettings
{
    /// <summary>Architecture trained from scratch; null to retrain the classifier on the marking network's features.</summary>
    public string? Architecture { get; init; }

    /// <summary>Side of the network's input, pixels; null for the architecture's.</summary>
    public int? InputSize { get; init; }

    /// <summary>How the network learns.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>JPEG quality at which all images are recompressed before training; null for none.</summary>
    public int? JpegQuality { get; init; }

    /// <summary>Noise added to all images before training, grey levels.</summary>
    public double Noise { get; init; }
}
