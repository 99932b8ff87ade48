namespace Isotope.Datasets;

/// <summary>What is read of a dataset where its files do not tell, or where they have several.</summary>
public sealed record DatasetOptions
{
    /// <summary>
    /// The column of images in Parquet, of paths in a list; the field of images in tar or zip archives (<c>input.jpg</c>), the array of
    /// images in a NumPy archive. Default: the one that the format's metadata or a usual name tells.
    /// </summary>
    public string? ImageColumn { get; init; }

    /// <summary>
    /// The column of labels in Parquet or a list; the field of labels in archives (<c>cls</c>, or a key in <c>json</c>), the array of
    /// labels in a NumPy archive. Default: the one that the format's metadata or a usual name tells.
    /// </summary>
    public string? LabelColumn { get; init; }

    /// <summary>The split to read, such as <c>test</c>. Default: the training images if names tell, else all.</summary>
    public string? Split { get; init; }
}
