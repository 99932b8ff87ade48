namespace Isotope.Networks;

/// <summary>A network by its file, and what it takes where its user knows that better than the file.</summary>
/// <param name="Reference">As <see cref="NetworkReference"/> reads it: FILE, ARCHITECTURE:FILE or FILE#PART.</param>
/// <param name="Takes">What it takes. Default: as the file or its architecture says.</param>
public sealed record NetworkFile(string Reference, InputOverride? Takes = null)
{
    /// <summary>A file alone.</summary>
    public static implicit operator NetworkFile(string reference) => new(reference);

    /// <summary>The file, for people.</summary>
    public override string ToString() => Reference;
}
