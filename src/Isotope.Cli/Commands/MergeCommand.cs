using System.CommandLine;
using Isotope.Cli.Terminal;
using Isotope.Datasets;
using Isotope.Marking;

namespace Isotope.Cli.Commands;

/// <summary><c>isotope merge</c>: what shards have marked → one dataset and its manifest.</summary>
internal static class MergeCommand
{
    private const string Example = "isotope merge --data 'shards/train-*.tar' --out marked";

    public static ExampleCommand Create(Session session)
    {
        var data = new Option<string>("--data") { Description = "The dataset that was marked, as mark was given it", Required = true };
        var output = new Option<string>("--out") { Description = "Where its shards were marked: --out of mark", Required = true };
        var list = MarkCommand.ListOption();
        var command = new ExampleCommand(
            "merge",
            "Check that all shards of mark --shard are there and complete, and make one dataset and one manifest of them",
            Example
        )
        {
            data,
            output,
            list,
        };
        command.Resumes = _ => true;
        command.SetAction(parsed =>
        {
            var folder = parsed.GetRequiredValue(output);
            var dataset = Dataset.Open(parsed.GetRequiredValue(data));
            var merger = new ShardMerger(dataset, folder);
            if (parsed.GetValue(list) is { } wanted)
                MarkCommand.RequireList(wanted, folder, merger.Options(), dataset);
            var manifest = session.WithProgress(progress => merger.Run(progress, session.Cancellation));
            if (parsed.GetValue(list) is { } positions)
                MarkCommand.SaveList(positions, dataset, manifest, folder);
            MarkCommand.Write(
                session,
                parsed,
                MarkReport.Of(manifest, folder, null, manifest.Settings[Manifest.KeyCommitment]!.ToString())
            );
            return 0;
        });
        return command;
    }
}
