using System.Security.Cryptography;
using System.Text;

namespace Isotope.Datasets;

/// <summary>SHA-256 in hexadecimal, by which outputs name their inputs.</summary>
public static class Hashes
{
    /// <summary>Hash of a file's bytes.</summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    public static string OfFile(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IsotopeException($"{path}: expected a readable file: {e.Message}", e);
        }
    }

    /// <summary>Hash of bytes.</summary>
    public static string OfBytes(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Hash of a dataset's list of image ids: its identity without reading the images.</summary>
    public static string OfListing(ImageFolder dataset) =>
        OfBytes(Encoding.UTF8.GetBytes(string.Join('\n', dataset.Images.Select(image => image.Id))));
}
