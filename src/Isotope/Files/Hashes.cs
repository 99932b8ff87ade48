using System.Security.Cryptography;

namespace Isotope.Files;

/// <summary>SHA-256 in lower-case hexadecimal. Outputs identify their inputs by it.</summary>
internal static class Hashes
{
    /// <summary>The hash of a file's bytes.</summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    public static string OfFile(string path) => UntrustedFile.Read(path, stream => Convert.ToHexStringLower(SHA256.HashData(stream)));

    /// <summary>The hash of bytes.</summary>
    public static string OfBytes(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
