using Isotope.Datasets;
using Isotope.Files;

namespace Isotope.Cli.Commands.Marking;

/// <summary>What <c>counterfactuals</c> made.</summary>
internal sealed record CounterfactualsReport(string Isotope, MarkUnit Unit, int Versions, int Images, string Out, string Index)
{
    public static CounterfactualsReport Of(QuerySet set, string folder) =>
        new(RunSettings.Version, set.Unit, set.Versions, set.Images.Count, folder, QuerySet.IndexFor(folder));

    public string[] Lines() =>
        [
            $"queries     {Images} images in {Out}: {Versions} versions of each, and the vanilla one",
            $"index       {Index} (tells them apart: keep both with the key)",
        ];
}
