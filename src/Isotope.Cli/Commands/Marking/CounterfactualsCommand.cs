using System.CommandLine;
using Isotope.Cli.Commands.Models;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Marking;

namespace Isotope.Cli.Commands.Marking;

/// <summary>
/// <c>isotope counterfactuals</c>: what <c>mark --counterfactuals</c> makes, for a dataset that was published without it.
/// </summary>
internal sealed class CounterfactualsCommand : IsotopeCommand
{
    private static readonly CounterfactualOptions Defaults = new();

    private readonly Option<string> marked = new("--marked")
    {
        Description = "Folder of marked images that mark has written",
        Required = true,
    };
    private readonly Option<string?> manifest = new("--manifest")
    {
        Description = "What was marked (default: the manifest beside the folder)",
    };
    private readonly DataOption data = new("The vanilla originals: the dataset that was marked");
    private readonly KeyOption key = new();
    private readonly Option<string> network = new("--network")
    {
        Description = "Network the images were marked with: FILE or ARCHITECTURE:FILE",
        Required = true,
    };
    private readonly NetworkInputOption networkInput = NetworkInputOption.OfMarking();
    private readonly Option<int> versions = new("--versions")
    {
        Description = "Versions of every image, the published one included; twins have two",
        DefaultValueFactory = _ => Defaults.Versions,
    };
    private readonly Option<int?> images = new("--images")
    {
        Description = "Marked images of each class that are taken, drawn by the key (default: all)",
    };
    private readonly BatchOption batch = new(Defaults.BatchSize);

    public CounterfactualsCommand(Session session)
        : base(
            session,
            "counterfactuals",
            "Make what detect black-box asks about: marked images as other keys would have made them, in MARKED.queries (secret)",
            "isotope counterfactuals --marked marked --data cifar/train --key owner.key --network resnet20:resnet20.th --versions 20 "
                + "--images 100"
        )
    {
        AddOptions(marked, manifest, data, key, network, networkInput, versions, images, batch);
        data.Reading.AddTo(this);
        session.Passphrase.AddTo(this);
        Resumes = _ => true;
    }

    protected override int Run(ParseResult parsed)
    {
        var folder = parsed.GetRequiredValue(marked);
        var options = ReadOptions(parsed);
        var carriers = key.Load(Session, parsed);
        var dataset = data.Open(parsed);
        var published = Manifest.Load(parsed.GetValue(manifest) ?? Manifest.PathFor(folder));
        using var markingNetwork = TrialLoad.Load(
            parsed.GetRequiredValue(network),
            Session.Device(parsed),
            networkInput.Read(parsed),
            Session.Cancellation
        );
        var marker = new CounterfactualMarker(dataset, folder, published, carriers, markingNetwork, options);
        var set = Session.WithProgress(progress => marker.Run(progress, Session.Cancellation));
        AdviseOfOtherMarks(set);
        var report = CounterfactualsReport.Of(set, QuerySet.FolderFor(folder));
        Session.Write(parsed, report, ReportJson.Default.CounterfactualsReport, report.Lines());
        return 0;
    }

    private CounterfactualOptions ReadOptions(ParseResult parsed)
    {
        var options = new CounterfactualOptions
        {
            Versions = parsed.GetValue(versions),
            ImagesPerClass = parsed.GetValue(images),
            BatchSize = parsed.GetValue(batch),
        };
        options.Validate();
        return options;
    }

    private void AdviseOfOtherMarks(QuerySet set)
    {
        if (set.IsMadeAnew)
            Session.Advise(
                "--marked: the marks that were published are not those that are made here, by this version on this machine; the "
                    + "published version was made anew with the others, so that nothing but carriers tells them apart"
            );
    }
}
