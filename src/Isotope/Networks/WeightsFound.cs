namespace Isotope.Networks;

/// <summary>Where a file held a network's weights.</summary>
/// <param name="Place">Key and prefix; empty if names begin at the top.</param>
/// <param name="LeftOver">Names of tensors there that the network has no place for, such as a loss or a counter.</param>
internal sealed record WeightsFound(string Place, IReadOnlyList<string> LeftOver);
