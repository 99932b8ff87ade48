using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Marking;

namespace Isotope.Cli.Commands.Marking;

/// <summary><c>isotope merge</c>: what shards have marked → one dataset and its manifest.</summary>
internal sealed class MergeCommand : IsotopeCommand
{
    private readonly DataOption data = new("The dataset that was marked, as mark was given it");
    private readonly Option<string> output = new("--out") { Description = "Where its shards were marked: --out of mark", Required = true };
    private readonly MarkedListOption list = new();
    private readonly NoticeOption notice = new();

    public MergeCommand(Session session)
        : base(
            session,
            "merge",
            "Check that all shards of mark --shard are there and complete, and make one dataset and one manifest of them",
            "isotope merge --data 'shards/train-*.tar' --out marked"
        )
    {
        AddOptions(data, output, list, notice);
        data.Reading.AddTo(this);
        Resumes = _ => true;
    }

    protected override int Run(ParseResult parsed)
    {
        var folder = parsed.GetRequiredValue(output);
        var dataset = data.Open(parsed);
        var merger = new ShardMerger(dataset, folder);
        if (parsed.GetValue(list) is not null)
            list.Check(parsed, folder, merger.Options(), dataset);
        var manifest = Session.WithProgress(progress => merger.Run(progress, Session.Cancellation));
        list.Save(parsed, dataset, manifest, folder);
        var commitment = manifest.Settings[Manifest.KeyCommitment]!.ToString();
        notice.Write(parsed, folder, commitment);
        MarkReport.Of(manifest, folder, queries: null, commitment).Write(Session, parsed);
        return 0;
    }
}
