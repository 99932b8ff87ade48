using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Marking;
using Isotope.Networks;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope counterfactuals</c>: what <c>mark --counterfactuals</c> makes, for a dataset that was published without.</summary>
internal static class CounterfactualsCommand
{
    private const string Example =
        "isotope counterfactuals --marked marked --data cifar/train --key owner.key --network resnet20:resnet20.th --versions 20 "
        + "--images 100";

    public static ExampleCommand Create(Session session)
    {
        var defaults = new CounterfactualOptions();
        var marked = new Option<string>("--marked") { Description = "Folder of marked images that mark has written", Required = true };
        var manifest = new Option<string?>("--manifest") { Description = "What was marked (default: the manifest beside the folder)" };
        var data = new Option<string>("--data") { Description = "The vanilla originals: the dataset that was marked", Required = true };
        var key = new Option<string>("--key") { Description = "The owner's key", Required = true };
        var network = new Option<string>("--network")
        {
            Description = "Network the images were marked with: FILE or ARCHITECTURE:FILE",
            Required = true,
        };
        var versions = new Option<int>("--versions")
        {
            Description = "Versions of every image, the published one included; twins have two",
            DefaultValueFactory = _ => defaults.Versions,
        };
        var images = new Option<int?>("--images")
        {
            Description = "Marked images of each class that are taken, drawn by the key (default: all)",
        };
        var batch = new Option<int>("--batch")
        {
            Description = "Images at a time; does not change the result",
            DefaultValueFactory = _ => defaults.BatchSize,
        };
        var command = new ExampleCommand(
            "counterfactuals",
            "Make what detect black-box asks about: marked images as other keys would have made them, in MARKED.queries (secret)",
            Example
        )
        {
            marked,
            manifest,
            data,
            key,
            network,
            versions,
            images,
            batch,
        };
        session.Passphrase.AddTo(command);
        command.Resumes = _ => true;
        command.SetAction(parsed =>
        {
            var folder = parsed.GetRequiredValue(marked);
            var options = new CounterfactualOptions
            {
                Versions = parsed.GetValue(versions),
                ImagesPerClass = parsed.GetValue(images),
                BatchSize = parsed.GetValue(batch),
            };
            options.Validate();
            var (carriers, dataset) = (
                session.Passphrase.Key(parsed, parsed.GetRequiredValue(key)).Load(),
                Dataset.Open(parsed.GetRequiredValue(data))
            );
            var what = Manifest.Load(parsed.GetValue(manifest) ?? Manifest.PathFor(folder));
            using var marking = Network.Load(parsed.GetRequiredValue(network), session.Device(parsed));
            var marker = new CounterfactualMarker(dataset, folder, what, carriers, marking, options);
            var set = session.WithProgress(progress => marker.Run(progress, session.Cancellation));
            if (set.IsMadeAnew)
                session.Advise(
                    "--marked: the marks that were published are not those that are made here, by this version on this machine; the "
                        + "published version was made anew with the others, so that nothing but carriers tells them apart"
                );
            var report = CounterfactualsReport.Of(set, QuerySet.FolderFor(folder));
            session.Write(
                parsed,
                report,
                ReportJson.Default.CounterfactualsReport,
                console =>
                {
                    console.Profile.Out.Writer.WriteLine(
                        $"queries     {report.Images} images in {report.Out}: {report.Versions} versions of each, and the vanilla one"
                    );
                    console.Profile.Out.Writer.WriteLine($"index       {report.Index} (tells them apart: keep both with the key)");
                }
            );
            return 0;
        });
        return command;
    }
}
