using System.Text.Json.Serialization;
using Isotope.Cli.Commands.Evidence;
using Isotope.Cli.Commands.Keys;
using Isotope.Cli.Commands.Marking;
using Isotope.Cli.Commands.Models;
using Isotope.Cli.Commands.Results;
using Isotope.Cli.Commands.Setup;
using Isotope.Cli.Demo;
using Isotope.Evidence;
using Isotope.Networks;
using Isotope.Reports;
using Isotope.Training;

namespace Isotope.Cli.Commands;

/// <summary>What commands write with <c>--json</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals
)]
[JsonSerializable(typeof(KeyReport))]
[JsonSerializable(typeof(MarkReport))]
[JsonSerializable(typeof(TrainingFacts))]
[JsonSerializable(typeof(TestResult))]
[JsonSerializable(typeof(PublishedCommitment))]
[JsonSerializable(typeof(TestPlan))]
[JsonSerializable(typeof(TimestampReport))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(PowerReport))]
[JsonSerializable(typeof(DistillReport))]
[JsonSerializable(typeof(QueryReport))]
[JsonSerializable(typeof(TrainingOptions))]
[JsonSerializable(typeof(WrittenReport))]
[JsonSerializable(typeof(TextReport))]
[JsonSerializable(typeof(AddressReport))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(DemoReport))]
[JsonSerializable(typeof(NetworkDescription))]
[JsonSerializable(typeof(CheckReport))]
[JsonSerializable(typeof(ConvertReport))]
[JsonSerializable(typeof(CounterfactualsReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
