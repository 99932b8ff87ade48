using System.Text.Json.Serialization;
using Isotope.Networks;

namespace Isotope.Cli.Commands;

/// <summary>What <c>network convert</c> wrote.</summary>
internal sealed record ConvertReport(string Isotope, int Tensors, string Out, string Sha256);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(NetworkDescription))]
[JsonSerializable(typeof(ConvertReport))]
internal sealed partial class NetworkReportJson : JsonSerializerContext;
