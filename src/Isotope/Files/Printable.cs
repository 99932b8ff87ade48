using System.Globalization;

namespace Isotope.Files;

/// <summary>Makes texts of files and servers safe to print in one-line messages.</summary>
internal static class Printable
{
    private const int LineLength = 300;

    /// <summary>
    /// The text with a space for every character that is not printed, such as a line break. A terminal could obey such a character, or
    /// show the text after it somewhere else.
    /// </summary>
    public static string Line(string text) => text.Any(IsHidden) ? new string([.. text.Select(c => IsHidden(c) ? ' ' : c)]) : text;

    /// <summary>The beginning of a text, on one line, with an ellipsis if it was cut.</summary>
    public static string Start(ReadOnlySpan<char> text, int length = 80) =>
        Line(text.Length <= length ? text.ToString() : $"{text[..length]}…");

    /// <summary>The first line of a native library's message that is not empty.</summary>
    public static string FirstLine(string message) =>
        Start(message.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0) ?? "no reason given", LineLength);

    private static bool IsHidden(char c) =>
        char.IsControl(c)
        || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
