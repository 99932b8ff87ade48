using System.CommandLine;
using Isotope.Marking;

namespace Isotope.Cli.Commands.Marking;

/// <summary><c>--notice</c>: a notice to those who train, beside the images.</summary>
internal sealed class NoticeOption : Option<bool>
{
    public NoticeOption()
        : base("--notice")
    {
        Description =
            $"Also write {TrainingNotice.AssertionFile} (CAWG's training and data mining assertion) and {TrainingNotice.TextFile} beside "
            + "the images: no training without a licence, and the commitment";
    }

    /// <summary>Writes the notice, if it is asked for.</summary>
    /// <exception cref="IsotopeException">It can't be written.</exception>
    public void Write(ParseResult parsed, string folder, string commitment)
    {
        if (parsed.GetValue(this))
            TrainingNotice.Write(folder, commitment);
    }
}
