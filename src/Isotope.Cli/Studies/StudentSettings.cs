using Isotope.Training;

namespace Isotope.Cli.Studies;

/// <summary>Distillation: a student learns from the model's answers on the vanilla images.</summary>
internal sealed record StudentSettings
{
    /// <summary>What the student learns: probabilities or labels.</summary>
    public LabelKind Labels { get; init; }

    /// <summary>Temperature of soft labels.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Architecture trained from scratch; null to retrain the classifier on the marking network's features.</summary>
    public string? Architecture { get; init; }

    /// <summary>How the student learns.</summary>
    public TrainingOptions Training { get; init; } = new();
}
