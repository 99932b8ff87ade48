using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Isotope.Carriers;
using Isotope.Carriers.Draws;
using Isotope.Cli.Commands.Detection;
using Isotope.Cli.Commands.Evidence;
using Isotope.Cli.Commands.Marking;
using Isotope.Cli.Terminal;
using Isotope.Detection;
using Isotope.Detection.BlackBoxes;
using Isotope.Evidence;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Networks.BlackBoxes;

namespace Isotope.Cli.Commands.Keys;

/// <summary><c>isotope plan</c>: everything that an owner can choose, fixed before the key is drawn.</summary>
internal sealed class PlanCommand : IsotopeCommand
{
    private const string TimeFormat = "YYYY-MM-DDTHH:MMZ";
    private static readonly TimeSpan UsualDelay = TimeSpan.FromDays(1);

    private readonly Option<string> key = new("--key")
    {
        Description = "File of the new key, still to be drawn; you alone can read it",
        Required = true,
    };
    private readonly Option<string> output = new("--out") { Description = "Plan to write and to publish (JSON)", Required = true };
    private readonly DataOption data = new("The dataset that will be marked: its classes are the key's");
    private readonly OwnersInputOptionGroup inputs = new("Vanilla images of white-box tests");
    private readonly StatisticOption statistic = new();
    private readonly Option<int> probes = new("--probes")
    {
        Description = "Probes of white-box tests",
        DefaultValueFactory = _ => FeatureResponse.DefaultProbes,
    };
    private readonly Option<string> access = new("--access")
    {
        Description = "What black-box tests take of a suspect's answers: probabilities, loss, topk:K or label",
        DefaultValueFactory = _ => new Access(OutputKind.Probabilities).Name,
    };
    private readonly Option<long?> budget = new("--query-budget") { Description = "Most images that black-box tests ask about" };
    private readonly Option<double?> sequential = new("--sequential")
    {
        Description = "Level at which black-box tests stop",
        HelpName = "ALPHA",
    };
    private readonly FractionOption fraction = new("Fraction of the images to mark");
    private readonly MarkingOptionGroup marking = new();
    private readonly Option<string> beacon = new("--beacon")
    {
        Description = "Where the public random value will come from: nist, drand-quicknet or drand-default",
        DefaultValueFactory = _ => NistPulse.SourceName,
    };
    private readonly Option<DateTimeOffset?> drawAt = new("--draw-at")
    {
        Description = "When: the first value at or after this time counts (default: in a day). Have the plan dated by others before",
        HelpName = TimeFormat,
        CustomParser = Time,
    };
    private readonly Option<string[]> open = new("--open")
    {
        Description = "An option that you can't fix yet, such as access or classes; results will always say that it was open",
    };
    private readonly EncryptOption encrypt = new();

    public PlanCommand(Session session)
        : base(
            session,
            "plan",
            "Fix all that you can choose, before the key is drawn: networks, images, tests, marking. Then publish the plan, have it "
                + "dated, and draw the key with isotope key draw",
            "isotope plan --data cifar/train --marking-network resnet20:resnet20.th --reference-network reference.safetensors --images "
                + "cifar/test --fraction 0.1 --key owner.key --out plan.json"
        )
    {
        AddOptions(key, output, data);
        inputs.AddTo(this);
        AddOptions(statistic, probes, access, budget, sequential, fraction);
        marking.AddTo(this);
        AddOptions(beacon, drawAt, open, encrypt);
        session.Passphrase.AddTo(this);
    }

    protected override int Run(ParseResult parsed)
    {
        var options = new DatasetMarkingOptions { Fraction = parsed.GetValue(fraction), Marking = marking.Read(parsed) };
        options.Validate();
        var given = inputs.Given(parsed).ToArray();
        var network =
            given.FirstOrDefault(input => input.Name == TestInput.MarkingNetwork)
            ?? throw new IsotopeException(
                $"--{TestInput.MarkingNetwork}: expected the network that images will be marked with, found none"
            );
        var classes = data.Open(parsed).ClassNames.Count;
        var environment = Session.Environment(parsed);
        int dimension;
        using (var loaded = environment.LoadNetwork(network.Path, environment.Device, network.Takes, Session.Cancellation))
            dimension = loaded.FeatureDimension;

        var undrawn = UndrawnKey.Create(classes, dimension);
        var plan = TestPlan.Of(
            undrawn,
            parsed.GetRequiredValue(beacon),
            parsed.GetValue(drawAt) ?? TimeProvider.System.GetUtcNow() + UsualDelay,
            given.Select(input => TestInput.Read(input, environment)),
            TestsOf(parsed, network),
            options.Planned,
            [TestPlan.TestedInput, .. parsed.GetValue(open) ?? []]
        );
        KeyFile.SaveUndrawn(undrawn, parsed.GetRequiredValue(key), encrypt.NewPassphrase(Session, parsed));
        plan.Save(parsed.GetRequiredValue(output));
        Session.Write(parsed, plan, ReportJson.Default.TestPlan, Lines(plan, parsed.GetRequiredValue(output)));
        return 0;
    }

    /// <summary>White-box and black-box tests with these options, of any suspect.</summary>
    private IEnumerable<PlannedTest> TestsOf(ParseResult parsed, InputPath network)
    {
        var owner = new OwnerKey(parsed.GetRequiredValue(key));
        var whiteBox = new WhiteBoxDescription
        {
            Key = owner,
            MarkingNetwork = new NetworkFile(network.Path, network.Takes),
            TestedNetwork = new NetworkFile(""),
            Images = "",
            Statistic = statistic.Find(parsed) ?? WhiteBoxStatistic.Response,
            Probes = parsed.GetValue(probes),
        };
        var blackBox = new BlackBoxDescription
        {
            Key = owner,
            Queries = "",
            Suspect = new AskedPredictions("") { Access = Access.Parse(parsed.GetRequiredValue(access)) },
            Options = new BlackBoxOptions { QueryBudget = parsed.GetValue(budget), SequentialLevel = parsed.GetValue(sequential) },
        };
        return ((TestDescription[])[whiteBox, blackBox]).Select(test => new PlannedTest(test.Kind, test.StatedOptions));
    }

    private static IEnumerable<string> Lines(TestPlan plan, string path)
    {
        yield return $"key         {plan.Classes} carriers of dimension {plan.Dimension}, still to be drawn";
        foreach (var input in plan.Inputs)
            yield return $"{input.Name, -17} {input.Sha256}{(input.Takes is { } takes ? $", {takes}" : "")}";
        yield return $"open        {string.Join(", ", plan.Open)}";
        yield return $"beacon      {plan.Beacon}, the first value from {plan.DrawAt:u}";
        yield return $"next        publish {path} and have it dated before then (isotope timestamp {path}), then isotope key draw";
    }

    private static DateTimeOffset? Time(ArgumentResult given)
    {
        var text = given.Tokens[0].Value;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && text.Contains('T'))
            return time;
        given.AddError($"--draw-at: expected {TimeFormat}, found {text}");
        return null;
    }
}
