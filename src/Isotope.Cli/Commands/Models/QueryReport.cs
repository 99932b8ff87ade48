using Isotope.Networks.BlackBoxes;

namespace Isotope.Cli.Commands.Models;

/// <summary>What <c>query</c> asked.</summary>
internal sealed record QueryReport(string Isotope, string Model, OutputKind Gives, int Images, long Queries, string Out, string Sha256)
{
    public string[] Lines() =>
        [$"asked       {Model}: {Queries} queries in this run", $"answers     {Images} ({Gives})", $"file        {Out}"];
}
