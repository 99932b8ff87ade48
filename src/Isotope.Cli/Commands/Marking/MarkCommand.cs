using System.CommandLine;
using Isotope.Cli.Commands.Models;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Evidence;
using Isotope.Marking;
using Isotope.Networks;

namespace Isotope.Cli.Commands.Marking;

/// <summary><c>isotope mark</c>: vanilla images + key → radioactive images and their manifest.</summary>
internal sealed class MarkCommand : IsotopeCommand
{
    private static readonly DatasetMarkingOptions Defaults = new();
    private static readonly string[] CommandLines =
    [
        "isotope mark --data cifar/train --key owner.key --network resnet20 --checkpoint resnet20.th --out marked --fraction 0.1",
        "isotope mark --data cifar/train --key owner.key --network resnet20:resnet20.th --out marked --only-marked --format npy --list "
            + "marked.json",
        "isotope mark --data 'shards/train-*.tar' --key owner.key --network resnet20:resnet20.th --out marked --fraction 0.01 --format "
            + "webp",
        "isotope mark --data 'shards/train-*.tar' --key owner.key --network resnet20:resnet20.th --out marked --shard auto",
        "isotope mark --data cifar/train --key owner.key --network resnet20:resnet20.th --out marked --counterfactuals 20 "
            + "--counterfactual-images 100",
    ];

    private readonly DataOption data = new($"Dataset to mark: {DataOption.Formats}");
    private readonly KeyOption key = new();
    private readonly Option<string> network = new("--network")
    {
        Description = "Marking network: FILE, ARCHITECTURE:FILE, or ARCHITECTURE with --checkpoint",
        Required = true,
    };
    private readonly Option<string?> checkpoint = new("--checkpoint") { Description = "Its weights" };
    private readonly NetworkInputOption networkInput = NetworkInputOption.OfMarking();
    private readonly Option<string> output = new Option<string>("--out")
    {
        Description = "New folder for the result; the manifest is written beside it",
        Required = true,
    }.OfFolder();
    private readonly FractionOption fraction = new("Fraction of the images to mark, spread evenly over the classes");
    private readonly Option<bool> onlyMarked = new("--only-marked")
    {
        Description = "Write the marked images alone, as files named by their ids, without copies of the rest",
    };
    private readonly Option<bool> asFolder = new("--as-folder")
    {
        Description = "Write one folder per class, whatever the dataset's format (default: the dataset's format)",
    };
    private readonly EncodingOptionGroup encoding = new();
    private readonly Option<bool> uniform = new("--uniform-encoding")
    {
        Description =
            "Encode all images alike, so that not even sizes tell which are marked: as png, which is not compressed then, unless --format "
            + "says another",
    };
    private readonly Option<bool> stripMetadata = new("--strip-metadata")
    {
        Description =
            "Leave out the metadata of all images, marked or not (EXIF, XMP, IPTC, texts), but for colour profiles and orientation",
    };
    private readonly NoticeOption notice = new();
    private readonly MarkedListOption list = new();
    private readonly MarkingOptionGroup marking = new();
    private readonly BatchOption batch = new(Defaults.BatchSize);
    private readonly Option<string?> shard = new("--shard")
    {
        Description =
            "Mark a share of the images, the I-th of N; auto: as Slurm job arrays, Kubernetes Indexed Jobs (auto/N) and torchrun "
            + "say. isotope merge makes one dataset of all shares",
        HelpName = "I/N|auto|auto/N",
    };
    private readonly QueryOptionGroup queries = new();

    public MarkCommand(Session session)
        : base(
            session,
            "mark",
            "Mark a fraction of a dataset; labels and all other images stay as they are, byte for byte; of class folders, images alone "
                + "are copied",
            CommandLines
        )
    {
        AddOptions(data, key, network, checkpoint, networkInput, output, fraction, onlyMarked, asFolder);
        encoding.AddTo(this);
        AddOptions(uniform, stripMetadata, notice, list);
        marking.AddTo(this);
        AddOptions(batch, shard);
        queries.AddTo(this);
        session.Passphrase.AddTo(this);
        Resumes = _ => true;
    }

    protected override int Run(ParseResult parsed)
    {
        var queryOptions = queries.Read(parsed);
        var share = ReadShard(parsed, queryOptions);
        var options = ReadOptions(parsed);
        var folder = parsed.GetRequiredValue(output);
        var carriers = key.Load(Session, parsed);
        var dataset = data.Open(parsed);
        using var markingNetwork = LoadNetwork(parsed);
        if (TestPlan.Of(carriers) is { } plan)
            plan.Require(options.Planned, markingNetwork);
        list.Check(parsed, folder, options, dataset);
        var marker = new DatasetMarker(dataset, carriers, markingNetwork, options);
        if (marker.Copies > 0)
            Session.Advise(
                $"--data: {marker.Copies} images are there more than once; they are not marked, since a copy tells the original"
            );
        if (share is not null)
            return MarkShard(parsed, marker, share, folder, carriers.Commitment);

        var manifest = Mark(marker, folder, goesOn: queryOptions is not null);
        list.Save(parsed, dataset, manifest, folder);
        notice.Write(parsed, folder, carriers.Commitment);
        if (queryOptions is not null)
            MakeQueries(new CounterfactualMarker(dataset, folder, manifest, carriers, markingNetwork, queryOptions));
        var queryFolder = queryOptions is null ? null : QuerySet.FolderFor(folder);
        MarkReport.Of(manifest, folder, queryFolder, carriers.Commitment).Write(Session, parsed);
        return 0;
    }

    /// <summary>The share to mark; null for all images.</summary>
    private Shard? ReadShard(ParseResult parsed, CounterfactualOptions? queryOptions)
    {
        if (parsed.GetValue(shard) is not { } text)
            return null;
        var share = Shard.Parse(text, Environment.GetEnvironmentVariable);
        if (queryOptions is not null && queries.ReadUnit(parsed) == MarkUnit.Class)
            throw new IsotopeException(
                "--counterfactuals: expected none with --shard, found some; run isotope counterfactuals after isotope merge"
            );
        if (parsed.GetValue(list) is not null)
            throw new IsotopeException("--list: expected none with --shard, found one; isotope merge writes it");
        if (parsed.GetValue(notice))
            throw new IsotopeException("--notice: expected none with --shard, found one; isotope merge writes it");
        return share;
    }

    private DatasetMarkingOptions ReadOptions(ParseResult parsed)
    {
        var options = new DatasetMarkingOptions
        {
            Fraction = parsed.GetValue(fraction),
            Unit = queries.ReadUnit(parsed),
            OnlyMarked = parsed.GetValue(onlyMarked),
            AsFolder = parsed.GetValue(asFolder),
            UniformEncoding = parsed.GetValue(uniform),
            Encoding = encoding.Read(parsed),
            WithoutMetadata = parsed.GetValue(stripMetadata),
            BatchSize = parsed.GetValue(batch),
            Marking = marking.Read(parsed),
        };
        options.Validate();
        if (options is { UniformEncoding: true, Encoding.Format: ImageFormat.Jpeg or ImageFormat.WebP })
            Session.Advise(
                $"--format: the sizes of {options.Encoding.Extension} files tell a little of which are marked, since marks compress "
                    + "badly; those of png and npy tell nothing"
            );
        return options;
    }

    private Network LoadNetwork(ParseResult parsed)
    {
        var reference = parsed.GetRequiredValue(network);
        if (parsed.GetValue(checkpoint) is { } file)
            reference = $"{reference}:{file}";
        return TrialLoad.Load(reference, Session.Device(parsed), networkInput.Read(parsed), Session.Cancellation);
    }

    private int MarkShard(ParseResult parsed, DatasetMarker marker, Shard share, string folder, string commitment)
    {
        var manifest = Session.WithProgress(progress => marker.RunShard(share, folder, progress, Session.Cancellation));
        MarkReport.Of(share, manifest, folder, commitment).Write(Session, parsed);
        return 0;
    }

    /// <param name="marker">Marks the images.</param>
    /// <param name="folder">Folder to write.</param>
    /// <param name="goesOn">Whether a folder that is finished is taken as it is, since there is more to make for it.</param>
    private Manifest Mark(DatasetMarker marker, string folder, bool goesOn)
    {
        var finished = goesOn ? marker.Finished(folder) : null;
        return finished ?? Session.WithProgress(progress => marker.Run(folder, progress, Session.Cancellation));
    }

    private void MakeQueries(CounterfactualMarker marker) => Session.WithProgress(progress => marker.Run(progress, Session.Cancellation));
}
