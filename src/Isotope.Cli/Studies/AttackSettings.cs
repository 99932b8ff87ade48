namespace Isotope.Cli.Studies;

/// <summary>What is done to a trained model.</summary>
internal sealed record AttackSettings
{
    /// <summary>Which attack. Default: none.</summary>
    public AttackKind Kind { get; init; }

    /// <summary>Fraction pruned, bits, relative noise, epochs of fine-tuning, or number of directions removed.</summary>
    public double Amount { get; init; }

    /// <summary>Clean images of each class that the attacker has: those that follow the training images.</summary>
    public int CleanPerClass { get; init; } = 100;
}

/// <summary>Attacks on a model.</summary>
internal enum AttackKind
{
    /// <summary>No attack.</summary>
    None,

    /// <summary>Training continues on clean images.</summary>
    FineTune,

    /// <summary>The smallest weights are set to zero.</summary>
    Prune,

    /// <summary>Weights are rounded.</summary>
    Quantise,

    /// <summary>Noise is added to the weights.</summary>
    Noise,

    /// <summary>The direction in which published and clean images differ is removed from each row of the classifier.</summary>
    SubspaceDifference,

    /// <summary>The principal directions of each class's published images are removed from each row of the classifier.</summary>
    SubspacePrincipal,
}
