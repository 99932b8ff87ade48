namespace Isotope.Carriers;

/// <summary>The owner's key as a file, beside which the ledger of its tests lies, and how to open it.</summary>
/// <param name="File">Path of the key, or of its opening.</param>
/// <param name="Passphrase">Asked for the passphrase where the file is encrypted; null where none can be given.</param>
public sealed record OwnerKey(string File, Func<string>? Passphrase = null)
{
    /// <summary>The whole key.</summary>
    /// <exception cref="IsotopeException">As <see cref="KeyFile.Load"/>.</exception>
    public CarrierKey Load() => KeyFile.Load(File, Passphrase);

    /// <summary>The key or its opening.</summary>
    /// <exception cref="IsotopeException">As <see cref="KeyFile.LoadForTest"/>.</exception>
    public CarrierKey LoadForTest() => KeyFile.LoadForTest(File, Passphrase);
}
