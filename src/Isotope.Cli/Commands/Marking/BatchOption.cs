using System.CommandLine;

namespace Isotope.Cli.Commands.Marking;

/// <summary><c>--batch</c>: images marked at a time.</summary>
internal sealed class BatchOption : Option<int>
{
    public BatchOption(int byDefault)
        : base("--batch")
    {
        Description = "Images at a time; does not change the result";
        DefaultValueFactory = _ => byDefault;
    }
}
