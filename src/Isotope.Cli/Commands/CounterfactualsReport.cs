using System.Text.Json.Serialization;
using Isotope.Datasets;

namespace Isotope.Cli.Commands;

/// <summary>What <c>counterfactuals</c> made.</summary>
internal sealed record CounterfactualsReport(string Isotope, MarkUnit Unit, int Versions, int Images, string Out, string Index)
{
    public static CounterfactualsReport Of(QuerySet set, string folder) => new(
        RunSettings.Version, set.Unit, set.Versions, set.Images.Count, folder, QuerySet.IndexFor(folder));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(CounterfactualsReport))]
internal sealed partial class CounterfactualsJson : JsonSerializerContext;
