namespace Isotope;

/// <summary>Texts of files and servers, for one-line messages.</summary>
internal static class Printable
{
    private const int LineLength = 300;

    /// <summary>A text on one line, with spaces for what is not printed.</summary>
    public static string Line(string text) => text.Any(char.IsControl) ? new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]) : text;

    /// <summary>The beginning of a text, on one line.</summary>
    public static string Short(ReadOnlySpan<char> text, int length = 80) => Line(text.Length <= length ? text.ToString() : $"{text[..length]}…");

    /// <summary>The first line of a native library's message.</summary>
    public static string FirstLine(string message) =>
        Short(message.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0) ?? "no reason given", LineLength);
}
