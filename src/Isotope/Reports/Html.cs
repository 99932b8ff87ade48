using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Isotope.Reports;

/// <summary>
/// A piece of HTML. Everything interpolated into a piece is encoded, unless it is a piece itself, since names of images and models come
/// from strangers.
/// </summary>
internal sealed class Html
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly string markup;

    private Html(string markup) => this.markup = markup;

    /// <summary>The empty piece.</summary>
    public static Html Empty { get; } = new("");

    /// <summary>A piece from an interpolated string, whose holes are encoded.</summary>
    public static Html Of(Interpolation pieces) => new(pieces.ToMarkup());

    /// <summary>Joins pieces.</summary>
    public static Html Join(IEnumerable<Html> pieces) => new(string.Concat(pieces.Select(piece => piece.markup)));

    /// <summary>Markup that needs no encoding: made by this program, never read from a file.</summary>
    internal static Html Trusted(string markup) => new(markup);

    /// <inheritdoc/>
    public override string ToString() => markup;

    /// <summary>Encodes what is put into an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Interpolation
    {
        private readonly StringBuilder text;

        /// <summary>Called by the compiler.</summary>
        public Interpolation(int literalLength, int formattedCount) => text = new StringBuilder(literalLength + 16 * formattedCount);

        /// <summary>Appends the program's own markup.</summary>
        public void AppendLiteral(string markup) => text.Append(markup);

        /// <summary>Appends another piece unchanged.</summary>
        public void AppendFormatted(Html? piece) => text.Append(piece?.markup);

        /// <summary>Appends pieces unchanged.</summary>
        public void AppendFormatted(IEnumerable<Html> pieces) => text.Append(Join(pieces).markup);

        /// <summary>Appends a value, encoded and formatted in the same way in every culture.</summary>
        public void AppendFormatted<T>(T value, string? format = null) => text.Append(Encoder.Encode(Shown(Convert(value, format))));

        internal string ToMarkup() => text.ToString();

        private static string Convert<T>(T value, string? format) =>
            value switch
            {
                DateTime or DateOnly => ((IFormattable)value).ToString(format, CultureInfo.InvariantCulture),
                IFormattable number => number.ToString(format, CultureInfo.InvariantCulture).Replace('-', '−'),
                _ => value?.ToString() ?? "–",
            };

        /// <summary>
        /// Writes control characters, and those that change the direction of writing, as escapes, so that a name can't rearrange the page.
        /// </summary>
        private static string Shown(string value) =>
            string.Concat(
                value.Select(c =>
                    char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.Control ? $"\\u{(int)c:x4}" : c.ToString()
                )
            );
    }
}
