using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Marking;
using Isotope.Networks;
using Isotope.Networks.Checkpoints;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope mark</c>: vanilla images + key → radioactive images and their manifest.</summary>
internal static class MarkCommand
{
    private static readonly string[] Examples =
    [
        "isotope mark --data cifar/train --key owner.key --network resnet20 --checkpoint resnet20.th --out marked --fraction 0.1 --psnr 42",
        "isotope mark --data cifar/train --key owner.key --network resnet20:resnet20.th --out marked --only-marked --format npy --list "
            + "marked.json",
        "isotope mark --data 'shards/train-*.tar' --key owner.key --network resnet20:resnet20.th --out marked --fraction 0.01 --format "
            + "webp",
        "isotope mark --data 'shards/train-*.tar' --key owner.key --network resnet20:resnet20.th --out marked --shard auto",
        "isotope mark --data cifar/train --key owner.key --network resnet20:resnet20.th --out marked --counterfactuals 20 "
            + "--counterfactual-images 100",
    ];

    public static ExampleCommand Create(Session session)
    {
        var defaults = new DatasetMarkingOptions();
        var data = new Option<string>("--data") { Description = $"Dataset to mark: {Choices.Datasets}", Required = true };
        var key = new Option<string>("--key") { Description = "The owner's key", Required = true };
        var network = new Option<string>("--network")
        {
            Description = "Marking network: FILE, ARCHITECTURE:FILE, or ARCHITECTURE with --checkpoint",
            Required = true,
        };
        var checkpoint = new Option<string?>("--checkpoint") { Description = "Its weights" };
        var output = new Option<string>("--out")
        {
            Description = "New folder for the result; the manifest is written beside it",
            Required = true,
        }.OfFolder();
        var fraction = new Option<double>("--fraction")
        {
            Description = "Fraction of every class to mark",
            DefaultValueFactory = _ => defaults.Fraction,
        };
        var onlyMarked = new Option<bool>("--only-marked")
        {
            Description = "Write the marked images alone, as files named by their ids, without copies of the rest",
        };
        var format = Choices.FormatOption();
        var jpegQuality = Choices.JpegQualityOption();
        var asFolder = new Option<bool>("--as-folder")
        {
            Description = "Write one folder per class, whatever the dataset's format (default: the dataset's format)",
        };
        var uniform = new Option<bool>("--uniform-encoding")
        {
            Description =
                "Encode all images alike, so that files do not tell which are marked: best with png, which is not compressed then, or npy",
        };
        var list = ListOption();
        var marks = new MarkingArguments();
        var batch = new Option<int>("--batch")
        {
            Description = "Images at a time; does not change the result",
            DefaultValueFactory = _ => defaults.BatchSize,
        };
        var shardOption = new Option<string?>("--shard")
        {
            Description =
                "Mark a share of the images, the I-th of N; auto: as Slurm job arrays, Kubernetes Indexed Jobs (auto/N) and torchrun "
                + "say. isotope merge makes one dataset of all shares",
            HelpName = "I/N|auto|auto/N",
        };
        var counterfactuals = new CounterfactualInput();
        var command = new ExampleCommand(
            "mark",
            "Mark a fraction of a dataset; labels and all other images stay as they are, byte for byte; of class folders, images alone "
                + "are copied",
            Examples
        )
        {
            data,
            key,
            network,
            checkpoint,
            output,
            fraction,
            onlyMarked,
            asFolder,
            format,
            jpegQuality,
            uniform,
            list,
        };
        marks.AddTo(command);
        command.Add(batch);
        command.Add(shardOption);
        counterfactuals.AddTo(command);
        session.Passphrase.AddTo(command);
        command.Resumes = _ => true;
        command.SetAction(parsed =>
        {
            var counterfactual = counterfactuals.Of(parsed);
            var shard = parsed.GetValue(shardOption) is { } text ? Shard.Parse(text, Environment.GetEnvironmentVariable) : null;
            if (shard is not null && counterfactual is { } && counterfactuals.UnitOf(parsed) == MarkUnit.Class)
                throw new IsotopeException(
                    "--counterfactuals: expected none with --shard, found some; run isotope counterfactuals after isotope merge"
                );
            if (shard is not null && parsed.GetValue(list) is not null)
                throw new IsotopeException("--list: expected none with --shard, found one; isotope merge writes it");
            var options = new DatasetMarkingOptions
            {
                Fraction = parsed.GetValue(fraction),
                Unit = counterfactuals.UnitOf(parsed),
                OnlyMarked = parsed.GetValue(onlyMarked),
                AsFolder = parsed.GetValue(asFolder),
                UniformEncoding = parsed.GetValue(uniform),
                Encoding = Choices.FindEncoding(parsed.GetValue(format)!, parsed.GetValue(jpegQuality)),
                BatchSize = parsed.GetValue(batch),
                Marking = marks.Of(parsed),
            };
            options.Validate();
            if (options is { UniformEncoding: true, Encoding.Format: ImageFormat.Jpeg or ImageFormat.WebP })
                session.Advise(
                    $"--format: the sizes of {options.Encoding.Extension} files tell a little of which are marked, since marks compress "
                        + "badly; those of png and npy tell nothing"
                );
            var folder = parsed.GetRequiredValue(output);
            var carriers = session.Passphrase.Key(parsed, parsed.GetRequiredValue(key)).Load();
            var dataset = Dataset.Open(parsed.GetRequiredValue(data));
            var reference = parsed.GetValue(checkpoint) is { } file
                ? $"{parsed.GetRequiredValue(network)}:{file}"
                : parsed.GetRequiredValue(network);
            using var marking = Network.Load(reference, session.Device(parsed));
            if (parsed.GetValue(list) is { } wanted)
                RequireList(wanted, folder, options, dataset);
            var marker = new DatasetMarker(dataset, carriers, marking, options);
            if (shard is not null)
            {
                var share = session.WithProgress(progress => marker.RunShard(shard, folder, progress, session.Cancellation));
                Write(
                    session,
                    parsed,
                    MarkReport.Of(share, folder, null, carriers.Commitment) with
                    {
                        Shard = $"{shard.Index}/{shard.Count}",
                        Manifest = null,
                    }
                );
                return 0;
            }

            var finished = counterfactual is null ? null : marker.Finished(folder);
            var manifest = finished ?? session.WithProgress(progress => marker.Run(folder, progress, session.Cancellation));
            if (parsed.GetValue(list) is { } positions)
                SaveList(positions, dataset, manifest, folder);
            if (counterfactual is not null)
            {
                var others = new CounterfactualMarker(dataset, folder, manifest, carriers, marking, counterfactual);
                session.WithProgress(progress => others.Run(progress, session.Cancellation));
            }

            Write(
                session,
                parsed,
                MarkReport.Of(manifest, folder, counterfactual is null ? null : QuerySet.FolderFor(folder), carriers.Commitment)
            );
            return 0;
        });
        return command;
    }

    /// <summary>The option for a list of marked images.</summary>
    public static Option<string?> ListOption() =>
        new Option<string?>("--list")
        {
            Description =
                "Also write {\"type\": \"per_sample\", \"content\": {position: path}} as JSON, paths relative to it; it names the "
                + "marked images",
        }.OfFile(".json");

    /// <summary>
    /// Refuses a list of what are no files, and one in the place of another file; that of an earlier run may be written again.
    /// </summary>
    /// <exception cref="IsotopeException">Marked images are parts of larger files, or the file is there and no list.</exception>
    public static void RequireList(string list, string folder, DatasetMarkingOptions options, Dataset dataset)
    {
        if (Path.GetFullPath(list) == Manifest.PathFor(folder))
            throw new IsotopeException($"--list {list}: expected a file of its own, found the manifest's");
        if (File.Exists(list))
            PerSampleFile.Load(list);
        if (!options.WritesFiles(dataset))
            throw new IsotopeException(
                "--list: expected --only-marked or --as-folder beside it, since positions stand for image files, found neither"
            );
    }

    /// <summary>Writes the list of what was marked, with paths relative to its own folder.</summary>
    /// <exception cref="IsotopeException">It can't be written.</exception>
    public static void SaveList(string list, Dataset dataset, Manifest manifest, string folder) =>
        PerSampleList.Of(dataset, manifest, folder, Path.GetDirectoryName(Path.GetFullPath(list))!).Save(list);

    /// <summary>Shows what was marked.</summary>
    public static void Write(Session session, ParseResult parsed, MarkReport report) =>
        session.Write(
            parsed,
            report,
            ReportJson.Default.MarkReport,
            console =>
            {
                var text = console.Profile.Out.Writer;
                text.WriteLine($"marked      {report.Images} images in {report.Out}");
                text.WriteLine($"quality     {report.MeanPsnr:F1} dB on average, no pixel changed by more than {report.MaxDifference}");
                text.WriteLine($"mark        features moved by {report.MeanDisplacement:F2} along their carrier on average");
                if (report.Shard is not null)
                    text.WriteLine(
                        $"shard       {report.Shard} is done; when all are, isotope merge makes one dataset and manifest of them"
                    );
                if (report.Manifest is not null)
                    text.WriteLine($"manifest    {report.Manifest} (names the marked images: keep it with the key)");
                if (report.Queries is not null)
                    text.WriteLine(
                        $"queries     {report.Queries} and {QuerySet.IndexFor(report.Queries)} (for detect black-box: keep both with "
                            + "the key)"
                    );
                text.WriteLine($"commitment  {report.KeyCommitment} (publish it with the dataset)");
            }
        );
}
