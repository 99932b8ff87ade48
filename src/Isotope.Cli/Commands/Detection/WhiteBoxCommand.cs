using System.CommandLine;
using Isotope.Cli.Commands.Models;
using Isotope.Cli.Terminal;
using Isotope.Detection;
using Isotope.Evidence;
using Spectre.Console;

namespace Isotope.Cli.Commands.Detection;

/// <summary><c>isotope detect white-box</c>: weights of a suspect model + key → p-value.</summary>
internal sealed class WhiteBoxCommand : IsotopeCommand
{
    private static readonly string[] CommandLines =
    [
        "isotope detect white-box --key owner.key --marking-network resnet20:resnet20.th --tested-network suspect.safetensors --images "
            + "cifar/test",
        "isotope detect white-box --key owner.key --marking-network resnet20:resnet20.th --tested-network suspect.pt#classifier.6 "
            + "--tested-input size=32 norm=cifar10 --images cifar/test",
    ];

    private readonly KeyOption key = new();
    private readonly Option<string> marking = new($"--{TestInput.MarkingNetwork}")
    {
        Description = "Network the images were marked with: FILE or ARCHITECTURE:FILE",
        Required = true,
    };
    private readonly Option<string> tested = new($"--{TestInput.TestedNetwork}")
    {
        Description = "Suspect model: FILE or ARCHITECTURE:FILE, also ONNX or TorchScript; FILE#LAYER names TorchScript's classifier",
        Required = true,
    };
    private readonly Option<string[]> references = new($"--{TestInput.ReferenceNetwork}")
    {
        Description =
            "A model of your own, trained on the vanilla images; several are averaged (default: the marking network, which suffices "
            + "where only the classifier was retrained)",
    };
    private readonly ClassesOption classes = new();
    private readonly StatisticOption statistic = new();
    private readonly Option<int> probes = new("--probes")
    {
        Description = "Images moved along random directions for the response, at most 20 times each",
        DefaultValueFactory = _ => FeatureResponse.DefaultProbes,
    };
    private readonly Option<string> images = new($"--{TestInput.TestImages}")
    {
        Description = $"Vanilla images to look at the networks with, none of them marked: {DataOption.Formats}",
        Required = true,
    };
    private readonly Option<int> rankSets = new("--rank-sets")
    {
        Description = "Fresh random carrier sets that check the p-value's formula on this very model",
        DefaultValueFactory = _ => RankCheck.DefaultSets,
    };
    private readonly Option<string?> manifest = new($"--{TestInput.MarkedManifest}")
    {
        Description = "What was marked, to refuse marked images (default: the one beside --images or above)",
    };
    private readonly NetworkInputOption testedInput = NetworkInputOption.OfSuspect();
    private readonly NetworkInputOption referenceInput = NetworkInputOption.OfReferences();
    private readonly NetworkInputOption markingInput = NetworkInputOption.OfMarking();
    private readonly RecordingOptionGroup recording = new(withPower: true, withNetworks: true);

    public WhiteBoxCommand(Session session)
        : base(
            session,
            TestKinds.WhiteBox,
            "Test a model whose weights are at hand: does it lean towards the carriers more than chance allows?",
            CommandLines
        )
    {
        AddOptions(key, marking, tested, references, classes, statistic, probes, images, rankSets, manifest);
        AddOptions(testedInput, referenceInput, markingInput);
        session.Passphrase.AddTo(this);
        recording.AddTo(this);
    }

    protected override int Run(ParseResult parsed)
    {
        var result = recording.Run(Session, parsed, TestOf(parsed), Show);
        var alignment = CosineDetails.Of(result.Kind, result.Details).Alignment!;
        if (alignment.LeftOut > 0)
            Session.Advise($"--images: {alignment.LeftOut} left out, since they look like marked images");
        if (!alignment.ManifestChecked)
            Session.Advise("no manifest of this key was found or given (--manifest): make sure that none of the images is marked");
        return 0;
    }

    private WhiteBoxDescription TestOf(ParseResult parsed) =>
        new()
        {
            Key = key.Read(Session, parsed),
            MarkingNetwork = markingInput.Of(parsed.GetRequiredValue(marking), parsed),
            TestedNetwork = testedInput.Of(parsed.GetRequiredValue(tested), parsed),
            References = [.. (parsed.GetValue(references) ?? []).Select(file => referenceInput.Of(file, parsed))],
            Classes = classes.Read(parsed),
            Statistic = statistic.Find(parsed),
            Probes = parsed.GetValue(probes),
            RankSets = parsed.GetValue(rankSets),
            Images = parsed.GetRequiredValue(images),
            Manifest = parsed.GetValue(manifest),
        };

    private static void Show(IAnsiConsole console, TestResult result)
    {
        var details = CosineDetails.Of(result.Kind, result.Details);
        var alignment = details.Alignment!;
        CosineTable.Show(console, result, details);
        foreach (var reading in details.Readings ?? [])
            console.WriteLine($"{reading}");
        console.WriteLine(
            $"Alignment on {alignment.Images} vanilla images explains {100 * alignment.RSquared:F1} % of the tested "
                + $"features' variance on images kept out of the fit (ridge {alignment.Ridge:G2})."
        );
        console.WriteLine(RecordingOptionGroup.Describe(details.RankCheck!));
    }
}
