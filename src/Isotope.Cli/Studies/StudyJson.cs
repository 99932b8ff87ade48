using System.Text.Json.Serialization;
using Isotope.Reports;

namespace Isotope.Cli.Studies;

/// <summary>What studies read and write.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(Recipe))]
[JsonSerializable(typeof(CellSettings))]
[JsonSerializable(typeof(StudyCell))]
[JsonSerializable(typeof(StudyHeader))]
[JsonSerializable(typeof(StudiesReport))]
[JsonSerializable(typeof(TrainingFacts))]
internal sealed partial class StudyJson : JsonSerializerContext;
