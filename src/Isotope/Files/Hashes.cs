using System.Security.Cryptography;

namespace Isotope.Files;

/// <summary>SHA-256 in hexadecimal, by which outputs name their inputs.</summary>
public static class Hashes
{
    /// <summary>Hash of a file's bytes.</summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    public static string OfFile(string path) => UntrustedFile.Read(path, stream => Convert.ToHexStringLower(SHA256.HashData(stream)));

    /// <summary>Hash of bytes.</summary>
    public static string OfBytes(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
