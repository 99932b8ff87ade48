namespace Isotope.Runs;

/// <summary>The progress of a long stage.</summary>
/// <param name="Stage">What is being done, such as "marking".</param>
/// <param name="Done">Units done, including those of an earlier, interrupted run.</param>
/// <param name="Total">Units in all.</param>
/// <param name="Detail">Figures so far, such as the mean PSNR; null if there are none.</param>
public readonly record struct StageProgress(string Stage, long Done, long Total, string? Detail = null);
