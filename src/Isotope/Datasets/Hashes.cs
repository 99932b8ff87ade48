using System.Security.Cryptography;
using System.Text;

namespace Isotope.Datasets;

/// <summary>SHA-256 in hexadecimal, by which outputs name their inputs.</summary>
public static class Hashes
{
    /// <summary>Hash of a file's bytes.</summary>
    /// <exception cref="IsotopeException">The file can't be read.</exception>
    public static string OfFile(string path) => UntrustedFile.Read(path, stream => Convert.ToHexStringLower(SHA256.HashData(stream)));

    /// <summary>Hash of bytes.</summary>
    public static string OfBytes(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>
    /// Hash of an image's size and pixels, with their opacity where some are transparent: the same however it is encoded.
    /// </summary>
    public static string OfPixels(PixelImage image) =>
        OfBytes([.. Encoding.UTF8.GetBytes($"{image.Height} {image.Width} {image.Channels} "), .. image.Pixels, .. image.Alpha ?? []]);

    /// <summary>Hash of a dataset's image ids and of the stored bytes, wherever they are stored.</summary>
    /// <exception cref="IsotopeException">A file can't be read.</exception>
    public static string OfContents(Dataset dataset, CancellationToken cancellation = default)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var image in dataset.Images)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(Encoding.UTF8.GetBytes($"{image.Id}\n{image.Source.Sha256()}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Hash of a dataset's list of image ids: its identity without reading the images.</summary>
    public static string OfListing(Dataset dataset) =>
        OfBytes(Encoding.UTF8.GetBytes(string.Join('\n', dataset.Images.Select(image => image.Id))));
}
