using System.Globalization;

namespace Isotope;

/// <summary>
/// Reading a file that anybody may have made. The readers say what is wrong with the exceptions of the base class
/// library (<see cref="InvalidDataException"/> above all); here they get the file's name and become one line.
/// </summary>
internal static class UntrustedFile
{
    private const int LineLength = 300;

    /// <summary>Opens <paramref name="path"/> and hands its stream to <paramref name="read"/>.</summary>
    /// <exception cref="IsotopeException">The file is missing, unreadable or not what <paramref name="read"/> expects.</exception>
    public static T Read<T>(string path, Func<FileStream, T> read)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            return read(stream);
        }
        catch (Exception e) when (Explain(e) is not null)
        {
            throw new IsotopeException($"{path}: {Printable(Explain(e)!)}", e);
        }
    }

    private static string? Explain(Exception e) => e switch
    {
        InvalidDataException => e.Message,
        EndOfStreamException => "expected more bytes, found the end of the file: it is truncated",
        FileNotFoundException or DirectoryNotFoundException => "expected a file, found none of this name",
        OverflowException => "expected sizes that fit 63 bits, found larger ones",
        IOException or UnauthorizedAccessException or NotSupportedException => $"expected a readable file, found: {e.Message}",
        _ => null,
    };

    /// <summary>Text from a file, fit for one line of a terminal.</summary>
    public static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    /// <summary>What to throw at content that is not as it should be; <see cref="Read"/> puts the file's name before it.</summary>
    public static InvalidDataException Unexpected(string expected, object found) =>
        new(string.Create(CultureInfo.InvariantCulture, $"expected {expected}, found {found}"));

    /// <summary>The beginning of a text from a file, quoted in an error.</summary>
    public static string Short(string text) => text.Length <= 80 ? text : text[..80] + "…";

    /// <summary>The first line of a native library's message, fit for one line of a terminal.</summary>
    public static string OneLine(string message)
    {
        var line = Printable(message.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0) ?? "no reason given");
        return line.Length <= LineLength ? line : line[..LineLength] + "…";
    }
}
