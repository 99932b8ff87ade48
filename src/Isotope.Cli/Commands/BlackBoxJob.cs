using System.Text.Json.Nodes;
using Isotope.Carriers;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Detection.BlackBoxes;
using Isotope.Evidence;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Cli.Commands;

/// <summary>One black-box test, from the files it takes to an outcome that can be recorded or compared.</summary>
/// <param name="Key">Key file.</param>
/// <param name="Queries">Folder of query images.</param>
/// <param name="Reference">Vanilla model; null for none.</param>
/// <param name="TestedInput">What a tested network was said to take.</param>
/// <param name="Tested">Its file; null where the model is none.</param>
/// <param name="Options">How it is asked.</param>
internal sealed record BlackBoxJob(
    OwnerKey Key,
    string Queries,
    string? Reference,
    InputOverride TestedInput,
    string? Tested,
    BlackBoxOptions Options
)
{
    private const string AccessOption = "access";
    private const string BudgetOption = "queryBudget";
    private const string LevelOption = "sequentialLevel";
    private const string VanillaOption = "lossGap";

    /// <param name="open">Opens the suspect, for a number of classes.</param>
    /// <param name="device">Where the reference runs.</param>
    /// <param name="progress">Images asked about.</param>
    /// <param name="cancellation">Checked at every request.</param>
    /// <exception cref="IsotopeException">An input can't be used, or they do not fit together.</exception>
    public (BlackBoxResult Result, TestOutcome Outcome) Run(
        Func<int, OpenedModel> open,
        Device device,
        IProgress<StageProgress>? progress,
        CancellationToken cancellation
    )
    {
        var (key, set) = (Key.Load(), QuerySet.Load(Queries));
        var test = new BlackBoxTest(set, Queries, key, Options);
        var (opened, access, _, input) = open(set.ClassNames.Count);
        using var model = opened;
        using var network = Reference is null ? null : Network.Load(Reference, device);
        using var reference = network is null ? null : new LocalBlackBox(network, access);
        var result = test.Run(model, reference, progress, cancellation);
        List<TestInput> inputs = [IndexOf(Queries), input()];
        if (network is not null)
            inputs.Add(TestInput.Of(TestInput.ReferenceNetwork, Reference!, network));
        return (result, OutcomeOf(key, access, result, inputs));
    }

    /// <summary>Query images by their index, which has the hash of every file.</summary>
    /// <exception cref="IsotopeException">It can't be read.</exception>
    public static TestInput IndexOf(string queries) => TestInput.File(TestInput.QueryImages, QuerySet.IndexFor(queries));

    /// <summary>The options of a result, to make its test again.</summary>
    /// <exception cref="IsotopeException">They are not those of a black-box test.</exception>
    public static (Access Access, BlackBoxOptions Options) Of(JsonObject options)
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

    private TestOutcome OutcomeOf(CarrierKey key, Access access, BlackBoxResult result, List<TestInput> inputs) =>
        new(
            TestKinds.BlackBox,
            key,
            inputs[1].Name,
            access.Name,
            result.Combination,
            result.PValue,
            Commands.TestedInput.Describe(
                new JsonObject
                {
                    [AccessOption] = access.Name,
                    [BudgetOption] = Options.QueryBudget,
                    [LevelOption] = Options.SequentialLevel,
                    [VanillaOption] = Options.WithVanilla,
                },
                Tested ?? "",
                TestedInput
            ),
            inputs,
            BlackBoxDetails.Of(result).ToJson()
        );
}
