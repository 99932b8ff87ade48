namespace Isotope.Networks.Architectures;

/// <summary>What differs between residual networks.</summary>
/// <param name="Blocks">Number of blocks of each stage.</param>
/// <param name="Bottleneck">Whether blocks have three layers instead of two.</param>
internal sealed record ResNetForm(IReadOnlyList<int> Blocks, bool Bottleneck)
{
    /// <summary>How it starts. Default: as for ImageNet.</summary>
    public StemKind Stem { get; init; }

    /// <summary>Channels after the stem, and of the first stage's 3 × 3 convolutions in plain networks.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Channels of a bottleneck's 3 × 3 convolution, as a multiple of those in plain networks.</summary>
    public int Widening { get; init; } = 1;

    /// <summary>Groups of a bottleneck's 3 × 3 convolution.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether a bottleneck halves the grid in its first convolution, as in the paper and in Caffe, not in the second.</summary>
    public bool StrideFirst { get; init; }

    /// <summary>Whether shortcuts halve the grid by averaging before they project (ResNet-D), not by skipping pixels.</summary>
    public bool AveragedShortcuts { get; init; }
}
