using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Detection.BlackBoxes;
using Isotope.Detection.Classes;
using Isotope.Detection.Readings;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;

namespace Isotope.Evidence;

/// <summary>A black-box test (§3.5, exact form): the suspect's outputs alone.</summary>
public sealed record BlackBoxDescription : TestDescription
{
    private const string AccessOption = "access";
    private const string BudgetOption = "queryBudget";
    private const string LevelOption = "sequentialLevel";
    private const string VanillaOption = "lossGap";
    private const string ClassesOption = "classes";

    /// <summary>Folder of the query images; their index lies beside it.</summary>
    public required string Queries { get; init; }

    /// <summary>The suspect.</summary>
    public required AskedModel Suspect { get; init; }

    /// <summary>A model that never saw a mark, whose scores are subtracted. Default: none.</summary>
    public NetworkFile? Reference { get; init; }

    /// <summary>How the suspect is asked.</summary>
    public BlackBoxOptions Options { get; init; } = new();

    /// <inheritdoc/>
    public override string Kind => TestKinds.BlackBox;

    /// <inheritdoc/>
    public override string SuspectName => Suspect.Input.Name;

    /// <inheritdoc/>
    public override IEnumerable<InputPath> Inputs =>
        [
            new(TestInput.QueryImages, Queries),
            Suspect.Input,
            .. Reference is null ? (InputPath[])[] : [InputPath.Of(TestInput.ReferenceNetwork, Reference)],
        ];

    internal override JsonObject StatedOptions =>
        new()
        {
            [AccessOption] = Suspect.Access?.Name,
            [BudgetOption] = Options.QueryBudget,
            [LevelOption] = Options.SequentialLevel,
            [VanillaOption] = Options.WithVanilla,
            [ClassesOption] = ClassMap.ToJson(Suspect.Classes),
            [AnywayOption] = Anyway,
        };

    /// <inheritdoc/>
    public override void Validate()
    {
        Options.Validate();
        Suspect.Takes?.Validate();
        Reference?.Takes?.Validate();
    }

    internal override TestOutcome Run(TestEnvironment environment)
    {
        var key = Key.Load();
        var queries = QuerySet.Load(Queries);
        _ = new BlackBoxTest(queries, Queries, key, Options); // refuses what can't be asked before a model is opened
        var check = environment.Check(Anyway);
        var reader = new AnswerReader(queries, Queries, environment.Progress, environment.Cancellation);
        var (model, access, _, suspect) = Suspect.Open(queries.ClassNames.Count, environment, Options.QueryBudget);
        using var asked = model;
        var understood = model is LocalBlackBox own ? check.Require(SuspectName, own.Network, reader.Vanilla) : null;
        using var network = Reference is null ? null : environment.Load(InputPath.Of(TestInput.ReferenceNetwork, Reference));
        var expected = network is null ? null : check.Require(TestInput.ReferenceNetwork, network, reader.Vanilla);
        using var reference = network is null ? null : new LocalBlackBox(network, access);

        var readSuspect = reader.Read(asked, SuspectName, Suspect.Classes);
        var watched = model is LocalBlackBox ? null : new WatchedBlackBox(asked, readSuspect.Reading, queries.Versions, check);
        if (watched is not null)
            readSuspect = readSuspect with { Answering = watched };
        var readReference = reference is null ? null : reader.Read(reference, TestInput.ReferenceNetwork);
        var test = new BlackBoxTest(AnswerReader.Told(queries, readSuspect, readReference), Queries, key, Options);
        var result = test.Run(readSuspect.Model, readReference?.Model, environment.Progress, environment.Cancellation) with
        {
            Readings = [readSuspect.Reading, .. readReference is null ? (ClassReading[])[] : [readReference.Reading]],
        };
        List<TestInput> inputs =
        [
            TestInput.OfFile(TestInput.QueryImages, QuerySet.IndexFor(Queries)),
            suspect() with
            {
                Reading = understood ?? watched?.Finish(),
            },
        ];
        if (network is not null)
            inputs.Add(TestInput.OfNetwork(TestInput.ReferenceNetwork, Reference!.Reference, network, expected));
        return OutcomeOf(key, access, result, inputs);
    }

    /// <summary>The test of a result. An endpoint is not asked again: its answers are in the journal.</summary>
    internal static BlackBoxDescription Of(TestResult result, OwnerKey key, GivenPaths given)
    {
        var (access, options) = OptionsOf(result.Options);
        AskedModel suspect =
            given.At(TestInput.TestedNetwork) is { } file ? new AskedNetwork(file)
            : given.At(TestInput.Answers) is { } journal ? new AskedAnswers(journal)
            : new AskedPredictions(given.Required(TestInput.Predictions).Path);
        var references = given.References();
        if (references.Count > 1)
            throw new IsotopeException(
                $"--{TestInput.ReferenceNetwork}: expected at most one of a black-box test, found {references.Count}"
            );
        return new BlackBoxDescription
        {
            Key = key,
            Anyway = IsAnyway(result),
            Queries = given.Required(TestInput.QueryImages).Path,
            Suspect = suspect with
            {
                Access = access,
                Takes = given.Find(suspect.Input.Name)?.Takes,
                Classes = ClassMap.OfJson(result.Options[ClassesOption]),
            },
            Reference = references.Count == 0 ? null : references[0].File,
            Options = options,
        };
    }

    private static (Access Access, BlackBoxOptions Options) OptionsOf(JsonObject options)
    {
        try
        {
            return (
                Access.Parse((string)options[AccessOption]!),
                new BlackBoxOptions
                {
                    QueryBudget = (long?)options[BudgetOption],
                    SequentialLevel = (double?)options[LevelOption],
                    WithVanilla = (bool)options[VanillaOption]!,
                }
            );
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or NullReferenceException or ArgumentNullException)
        {
            throw new IsotopeException(
                $"result: expected {AccessOption}, {BudgetOption}, {LevelOption} and {VanillaOption} of a black-box test, found "
                    + "something else",
                e
            );
        }
    }

    /// <summary>The budget that a result states; null for none.</summary>
    public static long? BudgetOf(TestResult result) => OptionsOf(result.Options).Options.QueryBudget;

    private TestOutcome OutcomeOf(CarrierKey key, Access access, BlackBoxResult result, List<TestInput> inputs)
    {
        var options = StatedOptions;
        options[AccessOption] = access.Name;
        return new TestOutcome(
            Kind,
            key,
            SuspectName,
            access.Name,
            result.Combination,
            result.PValue,
            options,
            inputs,
            (BlackBoxDetails.Of(result) with { Readings = result.Readings }).ToJson()
        );
    }
}
