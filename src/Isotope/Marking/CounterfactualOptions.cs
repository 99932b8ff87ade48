using Isotope.Datasets;
using Isotope.Runs;

namespace Isotope.Marking;

/// <summary>How many counterfactual versions are made, and of which images.</summary>
public sealed record CounterfactualOptions
{
    /// <summary>
    /// The number K of versions of every image, including the published one. Default 20: a single class can then reach p = 0.05. Twins
    /// always have 2.
    /// </summary>
    public int Versions { get; init; } = 20;

    /// <summary>The number of marked images taken from each class, drawn by the key. Default: all.</summary>
    public int? ImagesPerClass { get; init; }

    /// <summary>The folder for the query images. Default: beside the published images (<see cref="QuerySet.FolderFor"/>).</summary>
    public string? Output { get; init; }

    /// <summary>The number of images marked at a time. Default 64. It affects speed and memory, never the result.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Checks ranges.</summary>
    /// <exception cref="IsotopeException">An option is out of range.</exception>
    public void Validate()
    {
        OptionCheck.Require(
            Versions is >= QuerySet.FewestVersions and <= QuerySet.MostVersions,
            "versions",
            $"{QuerySet.FewestVersions} to {QuerySet.MostVersions} of each image",
            Versions
        );
        OptionCheck.Require(ImagesPerClass is null or >= 1, "counterfactual images", "at least 1 of each class", ImagesPerClass);
        OptionCheck.Require(BatchSize >= 1, "--batch", "at least 1", BatchSize);
    }
}
