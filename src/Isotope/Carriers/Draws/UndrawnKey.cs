using System.Security.Cryptography;
using System.Text;
using Isotope.Files;
using Isotope.Runs;

namespace Isotope.Carriers.Draws;

/// <summary>
/// A key before its carriers are drawn: a secret alone. Two secrets follow from it, which a plan commits to by their hashes: that of the
/// carriers, which an expert gets in the end, and that of the choice of images, their views and versions, which nobody gets.
/// </summary>
public sealed class UndrawnKey
{
    internal UndrawnKey(int classes, int dimension, byte[] secret)
    {
        OptionCheck.Require(classes >= 2, "--classes", "at least 2", classes);
        OptionCheck.Require(dimension >= 2, "--dim", "at least 2", dimension);
        (Classes, Dimension, Secret) = (classes, dimension, secret);
    }

    /// <summary>The number of carriers C.</summary>
    public int Classes { get; }

    /// <summary>The dimension d of the marking network's features.</summary>
    public int Dimension { get; }

    /// <summary>SHA-256 of the carriers' secret, in hexadecimal.</summary>
    public string CarrierSecretSha256 => Hashes.OfBytes(CarrierSecretOf(Secret));

    /// <summary>SHA-256 of the other secret, in hexadecimal.</summary>
    public string MarkingSecretSha256 => Hashes.OfBytes(MarkingSecretOf(Secret));

    internal byte[] Secret { get; }

    /// <summary>Makes one with the system's cryptographic generator.</summary>
    /// <exception cref="IsotopeException">Fewer than 2 classes or dimensions.</exception>
    public static UndrawnKey Create(int classes, int dimension) =>
        new(classes, dimension, RandomNumberGenerator.GetBytes(CarrierKey.SecretSize));

    /// <summary>Draws the key.</summary>
    /// <exception cref="IsotopeException">There is no beacon of this source in the draw.</exception>
    public CarrierKey Draw(KeyDraw draw) => CarrierKey.Drawn(Classes, Dimension, Secret, draw);

    internal static byte[] CarrierSecretOf(ReadOnlySpan<byte> secret) => Derived(secret, "isotope carrier secret 1");

    internal static byte[] MarkingSecretOf(ReadOnlySpan<byte> secret) => Derived(secret, "isotope marking secret 1");

    private static byte[] Derived(ReadOnlySpan<byte> secret, string purpose) =>
        HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(purpose));
}
