using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Isotope.Reports;

/// <summary>
/// A piece of HTML. Whatever is put into an interpolated piece is encoded, unless it is a piece itself: names of images and models come
/// from strangers.
/// </summary>
public sealed class Html
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly string markup;

    private Html(string markup) => this.markup = markup;

    /// <summary>Nothing.</summary>
    public static Html Empty { get; } = new("");

    /// <summary>A piece with holes, each encoded.</summary>
    public static Html Of(Interpolation pieces) => new(pieces.ToMarkup());

    /// <summary>Pieces one after the other.</summary>
    public static Html Join(IEnumerable<Html> pieces) => new(string.Concat(pieces.Select(piece => piece.markup)));

    /// <summary>Markup that is known to be sound: of this program's own making, never of a file's.</summary>
    internal static Html Trusted(string markup) => new(markup);

    /// <inheritdoc/>
    public override string ToString() => markup;

    /// <summary>Encodes what is put into an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Interpolation
    {
        private readonly StringBuilder text;

        /// <summary>Of a string with holes.</summary>
        public Interpolation(int literalLength, int formattedCount) => text = new StringBuilder(literalLength + 16 * formattedCount);

        /// <summary>The program's own markup.</summary>
        public void AppendLiteral(string markup) => text.Append(markup);

        /// <summary>Another piece, as it is.</summary>
        public void AppendFormatted(Html? piece) => text.Append(piece?.markup);

        /// <summary>Pieces, as they are.</summary>
        public void AppendFormatted(IEnumerable<Html> pieces) => text.Append(Join(pieces).markup);

        /// <summary>A value, encoded; its format is the same in every culture.</summary>
        public void AppendFormatted<T>(T value, string? format = null) => text.Append(Encoder.Encode(Shown(Convert(value, format))));

        internal string ToMarkup() => text.ToString();

        private static string Convert<T>(T value, string? format) =>
            value is not IFormattable number ? value?.ToString() ?? "–"
            : value is DateTime or DateOnly ? number.ToString(format, CultureInfo.InvariantCulture)
            : number.ToString(format, CultureInfo.InvariantCulture).Replace('-', '−');

        /// <summary>
        /// Characters that turn the direction of writing, or are no text, are shown as such: a name must not rearrange the page.
        /// </summary>
        private static string Shown(string value) =>
            string.Concat(
                value.Select(c =>
                    char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.Control ? $"\\u{(int)c:x4}" : c.ToString()
                )
            );
    }
}
