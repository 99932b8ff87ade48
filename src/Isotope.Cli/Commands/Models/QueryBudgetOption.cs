using System.CommandLine;

namespace Isotope.Cli.Commands.Models;

/// <summary><c>--query-budget</c>: the most images to ask an endpoint about; null for no limit.</summary>
internal sealed class QueryBudgetOption : Option<long?>
{
    public QueryBudgetOption()
        : base("--query-budget") => Description = "Most images to ask an endpoint about, in all runs";
}
