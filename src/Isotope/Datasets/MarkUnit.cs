namespace Isotope.Datasets;

/// <summary>What has a carrier of its own, and hence versions that are alike to a model that never saw the published one.</summary>
public enum MarkUnit
{
    /// <summary>A class, as in the paper: a model learns the carrier from many images.</summary>
    Class,

    /// <summary>An image: a coin decides which of two twins is published, and a model has to remember the image itself.</summary>
    Image,
}
