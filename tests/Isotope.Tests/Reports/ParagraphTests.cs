using Isotope.Reports;

namespace Isotope.Tests.Reports;

public sealed class ParagraphTests
{
    [Fact]
    public void Wrap_OfALongText_KeepsItsWordsInLinesThatFit()
    {
        var text = string.Join(' ', Enumerable.Range(0, 200).Select(i => new string('w', 1 + i % 13)));
        var lines = Paragraph.Wrap(text, "- ").Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 1, Paragraph.Width));
        Assert.All(lines[1..], line => Assert.StartsWith("  w", line));
        Assert.Equal("- " + text, string.Join(' ', lines.Select(line => line.Trim())));
    }

    [Theory]
    [InlineData("-")]
    [InlineData("#")]
    [InlineData("1.")]
    [InlineData("%,")]
    public void Wrap_BeforeAMarker_DoesNotBreak(string marker) =>
        Assert.Equal(
            $"{new string('w', Paragraph.Width)} {marker}\nnext",
            Paragraph.Wrap($"{new string('w', Paragraph.Width)} {marker} next")
        );

    [Fact]
    public void Wrap_OfAWordThatIsTooLong_LeavesItWhole()
    {
        var word = new string('w', 2 * Paragraph.Width);
        Assert.Equal($"before\n{word}\nafter", Paragraph.Wrap($"before {word} after"));
    }
}
