namespace Isotope;

/// <summary>Texts of files and servers, for one-line messages.</summary>
internal static class Printable
{
    /// <summary>A text on one line, with spaces for what is not printed.</summary>
    public static string Line(string text) => text.Any(char.IsControl) ? new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]) : text;

    /// <summary>The beginning of a text, with spaces for what is not printed.</summary>
    public static string Start(ReadOnlySpan<char> text, int length = 40)
    {
        var shown = text[..Math.Min(text.Length, length)].ToArray();
        return new string([.. shown.Select(c => char.IsControl(c) ? ' ' : c)]);
    }
}
