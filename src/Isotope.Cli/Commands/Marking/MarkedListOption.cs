using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Marking;
using Isotope.Networks.Checkpoints;

namespace Isotope.Cli.Commands.Marking;

/// <summary><c>--list</c>: a JSON list of the marked images by their positions in the dataset, for other tools.</summary>
internal sealed class MarkedListOption : Option<string?>
{
    public MarkedListOption()
        : base("--list")
    {
        Description =
            "Also write {\"type\": \"per_sample\", \"content\": {position: path}} as JSON, paths relative to it; it names the "
            + "marked images";
        this.OfFile(".json");
    }

    /// <summary>Checks before the work that the list, if one is asked for, can be written. It may replace an earlier list.</summary>
    /// <exception cref="IsotopeException">It would replace another file, or marked images are not files of their own.</exception>
    public void Check(ParseResult parsed, string folder, DatasetMarkingOptions options, Dataset dataset)
    {
        if (parsed.GetValue(this) is not { } list)
            return;
        if (Path.GetFullPath(list) == Manifest.PathFor(folder))
            throw new IsotopeException($"--list {list}: expected a file of its own, found the manifest's");
        if (File.Exists(list))
            PerSampleFile.Load(list);
        if (!options.WritesFiles(dataset))
            throw new IsotopeException(
                "--list: expected --only-marked or --as-folder beside it, since positions stand for image files, found neither"
            );
    }

    /// <summary>Writes the list, if one is asked for; paths are relative to its own folder.</summary>
    /// <exception cref="IsotopeException">It can't be written.</exception>
    public void Save(ParseResult parsed, Dataset dataset, Manifest manifest, string folder)
    {
        if (parsed.GetValue(this) is { } list)
            PerSampleList.Of(dataset, manifest, folder, Path.GetDirectoryName(Path.GetFullPath(list))!).Save(list);
    }
}
