namespace Isotope.Runs;

/// <summary>How far a long stage is.</summary>
/// <param name="Stage">What is being done, such as "marking".</param>
/// <param name="Done">Units done, with those of an earlier, interrupted run.</param>
/// <param name="Total">Units in all.</param>
/// <param name="Detail">Figures so far, such as mean PSNR; null where there are none.</param>
public readonly record struct StageProgress(string Stage, long Done, long Total, string? Detail = null);
