using System.Globalization;

namespace Isotope.Files;

/// <summary>Texts of files and servers, for one-line messages.</summary>
public static class Printable
{
    private const int LineLength = 300;

    /// <summary>
    /// A text on one line, with spaces for what is not printed: a terminal would obey it, or show what follows in another place.
    /// </summary>
    public static string Line(string text) => text.Any(IsHidden) ? new string([.. text.Select(c => IsHidden(c) ? ' ' : c)]) : text;

    /// <summary>The beginning of a text, on one line.</summary>
    public static string Start(ReadOnlySpan<char> text, int length = 80) =>
        Line(text.Length <= length ? text.ToString() : $"{text[..length]}…");

    /// <summary>The first line of a native library's message.</summary>
    public static string FirstLine(string message) =>
        Start(message.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0) ?? "no reason given", LineLength);

    private static bool IsHidden(char c) =>
        char.IsControl(c)
        || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
