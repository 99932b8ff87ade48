using Isotope.Carriers;
using Isotope.Datasets;
using Isotope.Marking;
using Isotope.Runs;
using Isotope.Tests.Datasets.Formats;

namespace Isotope.Tests.Marking;

/// <summary>However a dataset is split, the merged result is the same as that of a single run, byte for byte.</summary>
public sealed class ShardMergerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(9, true)]
    public void Run_AnySplitInAnyOrder_GivesTheBytesOfASingleRun(int count, bool tar)
    {
        var vanilla = tar
            ? Dataset.Open(GoldenDatasets.Copy(folder, "train-000000.tar", "train-000001.tar"))
            : Fixtures.WriteFolder(folder.File("vanilla"));
        Mark(vanilla, marker => marker.Run(folder.File("whole")));
        foreach (var index in Enumerable.Range(1, count).Reverse())
            Mark(vanilla, marker => marker.RunShard(new Shard(index, count), folder.File("split")));
        var merged = new ShardMerger(vanilla, folder.File("split")).Run();

        Assert.Equal(Fixtures.HashesBelow(folder.File("whole")), Fixtures.HashesBelow(folder.File("split")));
        Assert.Equal(File.ReadAllText(Manifest.PathFor(folder.File("whole"))), File.ReadAllText(Manifest.PathFor(folder.File("split"))));
        Assert.Equal(["split", "vanilla", "whole"], Directory.EnumerateDirectories(folder.Path).Select(Path.GetFileName).Order());
        Assert.Equal(
            ["split.manifest.json", "whole.manifest.json"],
            Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName).Order()
        );
        Assert.Equal(merged.Images, new ShardMerger(vanilla, folder.File("split")).Run().Images);
    }

    [Fact]
    public void RunShard_InterruptedOrRepeated_GoesOnOrIsDone()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        using var interrupt = new CancellationTokenSource();
        var progress = new Reports(interrupt);
        Mark(
            vanilla,
            marker =>
                Assert.ThrowsAny<OperationCanceledException>(() =>
                    marker.RunShard(new Shard(1, 2), folder.File("split"), progress, interrupt.Token)
                )
        );
        Assert.Contains("shard-1-of-2.journal.jsonl", Refused(vanilla));
        progress = new Reports(interrupt);
        var first = Mark(vanilla, marker => marker.RunShard(new Shard(1, 2), folder.File("split"), progress));
        Assert.Equal(2, progress.First!.Value.Done); // a batch of two was done
        var again = Mark(vanilla, marker => marker.RunShard(new Shard(1, 2), folder.File("split")));
        Assert.Equal(first.Images, again.Images);
        Assert.Contains("missing: 2", Refused(vanilla));
    }

    [Fact]
    public void Run_IncompleteOrChangedShards_AreRefused()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        Assert.Contains("found none", Refused(vanilla));
        var marked = Mark(vanilla, marker => marker.RunShard(new Shard(1, 2), folder.File("split")));
        Mark(vanilla, marker => marker.RunShard(new Shard(2, 2), folder.File("split")));
        Assert.Contains(
            "another split",
            Assert.Throws<IsotopeException>(() => Mark(vanilla, marker => marker.RunShard(new Shard(1, 3), folder.File("split")))).Message
        );
        Assert.Contains(
            "another split",
            Assert.Throws<IsotopeException>(() => Mark(vanilla, marker => marker.Run(folder.File("split")))).Message
        );
        Assert.Contains("other images", Refused(vanilla with { Images = [.. vanilla.Images.Skip(1)] }));

        var file = folder.File($"split.staging/{marked.Images[0].File}");
        var bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, bytes[..^1]);
        Assert.Contains(marked.Images[0].File, Refused(vanilla));
        File.WriteAllBytes(file, bytes);
        var path = folder.File("split.shard-1-of-2.manifest.json");
        var manifest = Manifest.Load(path);
        (manifest with { Images = [.. manifest.Images.Skip(1)] }).Save(path);
        Assert.Contains("expected 6 marked images", Refused(vanilla));
        manifest.Save(path);
        new ShardMerger(vanilla, folder.File("split")).Run();
    }

    [Fact]
    public void Run_InterruptedWhileTidyingUp_Finishes()
    {
        var vanilla = Fixtures.WriteFolder(folder.File("vanilla"));
        foreach (var index in new[] { 1, 2 })
            Mark(vanilla, marker => marker.RunShard(new Shard(index, 2), folder.File("split")));
        var left = File.ReadAllBytes(folder.File("split.shard-2-of-2.manifest.json"));
        var merged = new ShardMerger(vanilla, folder.File("split")).Run();
        File.WriteAllBytes(folder.File("split.shard-2-of-2.manifest.json"), left);
        Assert.Equal(merged.Images, new ShardMerger(vanilla, folder.File("split")).Run().Images);
        Assert.False(File.Exists(folder.File("split.shard-2-of-2.manifest.json")));
    }

    public void Dispose() => folder.Dispose();

    private string Refused(Dataset vanilla) =>
        Assert.Throws<IsotopeException>(() => new ShardMerger(vanilla, folder.File("split")).Run()).Message;

    private static T Mark<T>(Dataset vanilla, Func<DatasetMarker, T> run)
    {
        using var network = Fixtures.RandomNetwork();
        var key = CarrierKey.FromSeed(vanilla.ClassNames.Count, 64, 11);
        var options = new DatasetMarkingOptions
        {
            Fraction = 0.5,
            BatchSize = 2,
            Marking = new MarkingOptions { Iterations = 4 },
        };
        return run(new DatasetMarker(vanilla, key, network, options));
    }

    /// <summary>Keeps the first report, and cancels once an image is done.</summary>
    private sealed class Reports(CancellationTokenSource interrupt) : IProgress<StageProgress>
    {
        public StageProgress? First { get; private set; }

        public void Report(StageProgress value)
        {
            First ??= value;
            if (value.Done > 0)
                interrupt.Cancel();
        }
    }
}
