using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Detection.Readings;
using Isotope.Networks;
using Spectre.Console;

namespace Isotope.Cli.Commands.Models;

/// <summary><c>isotope network check</c>: is a network given images as it was trained? No key, no test.</summary>
internal sealed class CheckCommand : IsotopeCommand
{
    /// <summary>The table ends after so many ways.</summary>
    private const int Shown = 8;

    private readonly Argument<string> file = new("file") { Description = "Network: FILE or ARCHITECTURE:FILE, also ONNX or TorchScript" };
    private readonly Option<string> images = new("--images")
    {
        Description = $"Vanilla images whose classes are known, none of them marked: {DataOption.Formats}",
        Required = true,
    };
    private readonly ReadingOptionGroup reading = new();
    private readonly NetworkInputOption input = NetworkInputOption.OfNetwork();

    public CheckCommand(Session session)
        : base(
            session,
            "check",
            "Find out how a network takes images: normalisation, size, crop, order of channels and of classes; needs no key, costs no test",
            "isotope network check suspect.onnx --images cifar/test",
            "isotope network check suspect.pt --images cifar/test --input size=32"
        )
    {
        Add(file);
        AddOptions(images, input);
        reading.AddTo(this);
    }

    /// <returns>0 if the network is read rightly as it is; 1 if something has to be stated, or nothing helps.</returns>
    protected override int Run(ParseResult parsed)
    {
        var reference = parsed.GetRequiredValue(file);
        var dataset = Dataset.Open(parsed.GetRequiredValue(images), reading.Read(parsed));
        if (dataset.ClassNames.Count < 2)
            throw new IsotopeException(
                $"--images {dataset.Root}: expected images of at least two classes, found {dataset.ClassNames.Count}"
            );
        using var network = TrialLoad.Load(reference, Session.Device(parsed), input.Read(parsed), Session.Cancellation);
        var search = Session.WithProgress(progress => InputSearch.Run(network, dataset, progress, Session.Cancellation));
        var report = CheckReport.Of(reference, network, search, OrderOf(network, dataset, search));
        Session.Write(parsed, report, ReportJson.Default.CheckReport, console => Show(console, report));
        return report.IsMisread || report.IsNearChance || report.Order is not null ? 1 : 0;
    }

    /// <summary>Where classes stand; null if they stand in the order of the images' classes.</summary>
    private IReadOnlyList<ClassPlace>? OrderOf(Network network, Dataset dataset, InputSearch search)
    {
        if (network.Classes == 0 || search.Best.Reading.IsNearChance || search.ByOrder)
            return null;
        network.TakeInput(search.Best.Input);
        var sample = LabelledSample.Of(dataset, InputSearch.SecondLook, Session.Cancellation);
        return ClassPlace.Of(sample.ClassNames, Outputs.Votes(network, sample, Session.Cancellation));
    }

    private static void Show(IAnsiConsole console, CheckReport report)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("input", "accuracy", "classes matched", "confidence", "images");
        foreach (var column in table.Columns.Skip(1))
            column.RightAligned();
        foreach (var way in report.Tried.Take(Shown))
            AddRow(way, way.Input == report.Best ? "bold" : "default");
        if (report.Tried.Skip(Shown).FirstOrDefault(way => way.Input == report.Given) is { } given)
            AddRow(given, "default");
        console.Write(table);
        foreach (var line in Lines(report))
            console.Profile.Out.Writer.WriteLine(line);

        void AddRow(TriedWay way, string style)
        {
            var note = way.Input == report.Given ? " (as given)" : "";
            string?[] cells =
            [
                way.Input + note,
                way.Reading.Accuracy is { } accuracy ? $"{accuracy:P1}" : "",
                $"{way.Reading.MatchedAccuracy:P1}",
                way.Reading.Confidence is { } confidence ? $"{confidence:F2}" : "",
                $"{way.Reading.Images}",
            ];
            table.AddRow([.. cells.Select(cell => $"[{style}]{Markup.Escape(cell!)}[/]")]);
        }
    }

    private static IEnumerable<string> Lines(CheckReport report)
    {
        yield return $"network       {report.Architecture}, {(report.Classes == 0 ? "no classifier" : $"{report.Classes} classes")}";
        var chance = report.Tried[0].Reading.Chance;
        if (report.IsNearChance)
            yield return $"not understood: no way tried beats a guess ({chance:P1}). Another architecture, or other classes?";
        else if (report.IsMisread)
            yield return $"use           {report.Best} (as in --tested-input {report.Best})";
        else
            yield return $"use           {report.Best}, {(report.Assumed ? "as assumed" : "as stated")}: nothing tried is clearly better";
        if (report.Order is null)
            yield break;
        yield return "classes       stand in another order, or are others:";
        foreach (var place in report.Order)
            yield return $"  {Session.Cell(place.Class)} → output {place.Output} ({place.Share:P0} of its images)";
    }
}
