namespace Isotope.Datasets;

/// <summary>What has a carrier of its own, and with it versions that a model which never saw the published one cannot tell apart.</summary>
public enum MarkUnit
{
    /// <summary>A class, as in the paper: a model learns its direction from many images.</summary>
    Class,

    /// <summary>An image: one of two twins is published by a coin, and a model has to remember the image itself.</summary>
    Image,
}
