using System.Text;
using System.Text.RegularExpressions;

namespace Isotope.Reports;

/// <summary>Prose of Markdown pages in lines that fit a window.</summary>
internal static partial class Paragraph
{
    /// <summary>The longest line, in characters; a longer word has a line of its own.</summary>
    public const int Width = 120;

    /// <summary>Breaks a paragraph at its spaces.</summary>
    /// <param name="text">The paragraph.</param>
    /// <param name="start">What its first line starts with, such as the marker of a list; the other lines are indented as far.</param>
    public static string Wrap(string text, string start = "")
    {
        var page = new StringBuilder(start);
        var column = start.Length;
        foreach (var (i, word) in text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Index())
        {
            var breaks = i > 0 && column + 1 + word.Length > Width && !StaysOnItsLine().IsMatch(word);
            if (breaks)
                page.Append('\n').Append(' ', start.Length);
            else if (i > 0)
                page.Append(' ');
            column = (breaks ? start.Length : column + (i > 0 ? 1 : 0)) + word.Length;
            page.Append(word);
        }

        return page.ToString();
    }

    /// <summary>Markers of a list, a heading or a quotation at the start of a line; a sign of percent belongs to its number.</summary>
    [GeneratedRegex(@"^(?:[-+*>]|#+|\d+[.)]|%\S?)$")]
    private static partial Regex StaysOnItsLine();
}
