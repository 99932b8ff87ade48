using System.CommandLine;
using Isotope.Cli.Commands.Models;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Marking;

namespace Isotope.Cli.Commands.Marking;

/// <summary><c>isotope power</c>: what a test will find, before anything is published.</summary>
internal sealed class PowerCommand : IsotopeCommand
{
    private readonly DataOption data = new($"Your vanilla images: {DataOption.Formats}");
    private readonly Option<string> network = new("--marking-network")
    {
        Description = "Network to mark with: FILE or ARCHITECTURE:FILE",
        Required = true,
    };
    private readonly NetworkInputOption networkInput = NetworkInputOption.OfMarking();
    private readonly FractionOption fraction = new("Fraction q of the images to mark");
    private readonly JpegQualityOption jpegQuality = new();
    private readonly MarkingOptionGroup marking = new();
    private readonly Option<int?> limit = new("--limit")
    {
        Description = "Take this many images of each class, for a quick look: fewer images show less than all of them",
    };
    private readonly Option<long> seed = new("--seed") { Description = "Seed of the throw-away key and of training" };

    public PowerCommand(Session session)
        : base(
            session,
            "power",
            "Say what a test will find for your images, a fraction and a quality, before you publish: theory, and one simulation with "
                + "its control",
            "isotope power --data cifar/train --marking-network resnet20:resnet20.th --fraction 0.02 --psnr 42"
        )
    {
        AddOptions(data, network, networkInput, fraction, jpegQuality);
        marking.AddTo(this);
        AddOptions(limit, seed);
        data.Reading.AddTo(this);
    }

    protected override int Run(ParseResult parsed)
    {
        var options = ReadOptions(parsed);
        var job = new PowerJob(
            OpenImages(parsed),
            networkInput.Of(parsed.GetRequiredValue(network), parsed),
            options,
            parsed.GetValue(seed)
        );
        var device = Session.Device(parsed);
        var report = Session.WithProgress(progress => job.Run(device, progress, Session.Cancellation));
        Session.Write(parsed, report, ReportJson.Default.PowerReport, report.Lines());
        return 0;
    }

    private DatasetMarkingOptions ReadOptions(ParseResult parsed) =>
        new()
        {
            Fraction = parsed.GetValue(fraction),
            Encoding = jpegQuality.Read(parsed) ?? ImageEncoding.Original,
            Marking = marking.Read(parsed),
        };

    private Dataset OpenImages(ParseResult parsed)
    {
        var images = data.Open(parsed);
        return parsed.GetValue(limit) is { } perClass ? images.Limit(perClass) : images;
    }
}
