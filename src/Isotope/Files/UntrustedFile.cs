using System.Globalization;

namespace Isotope.Files;

/// <summary>
/// Reads untrusted files. Readers report problems with exceptions of the base class library (<see cref="InvalidDataException"/> above
/// all); here they become an <see cref="IsotopeException"/> of one line that names the file.
/// </summary>
internal static class UntrustedFile
{
    /// <summary>Opens <paramref name="path"/> and hands its stream to <paramref name="read"/>.</summary>
    /// <exception cref="IsotopeException">The file is missing, unreadable or not what <paramref name="read"/> expects.</exception>
    public static T Read<T>(string path, Func<FileStream, T> read) =>
        Guard(
            path,
            () =>
            {
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
                return read(stream);
            }
        );

    /// <summary>Runs a function that reads <paramref name="path"/>.</summary>
    /// <inheritdoc cref="Read"/>
    public static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (Explain(e) is { } problem)
        {
            throw new IsotopeException($"{path}: {problem}", e);
        }
    }

    /// <summary>The exception for unexpected content; <see cref="Read"/> puts the file's name before it.</summary>
    public static InvalidDataException Unexpected(string expected, object found) =>
        new(string.Create(CultureInfo.InvariantCulture, $"expected {expected}, found {found}"));

    /// <summary>The exception for unexpected content, with the file's name.</summary>
    public static IsotopeException Refused(string path, string expected, string found) =>
        new($"{path}: expected {expected}, found {found}");

    private static string? Explain(Exception e) =>
        e switch
        {
            InvalidDataException => e.Message,
            EndOfStreamException => "expected more bytes, found the end of the file: it is truncated",
            FileNotFoundException or DirectoryNotFoundException => "expected a file, found none of this name",
            OverflowException => "expected sizes that fit 63 bits, found larger ones",
            IOException or UnauthorizedAccessException or NotSupportedException => $"expected a readable file, found: {e.Message}",
            _ => null,
        };
}
