using System.Collections.Concurrent;
using Isotope.Cli.Commands;
using Isotope.Cli.Terminal;
using Isotope.Detection;
using Isotope.Evidence;
using static TorchSharp.torch;

namespace Isotope.Cli.Serve;

/// <summary>A detection that a person started, and how far it is.</summary>
internal sealed class DetectionRun(int number, string title) : IProgress<StageProgress>
{
    private StageProgress last = new("waiting", 0, 1);

    public int Number => number;

    public string Title => title;

    /// <summary>The result file, once it is written.</summary>
    public string? Result { get; set; }

    /// <summary>What went wrong.</summary>
    public string? Failure { get; set; }

    public bool IsOver => Result is not null || Failure is not null;

    public StageProgress Progress => last;

    public void Report(StageProgress value) => last = value;
}

/// <summary>Runs detections one after the other, as the command line would: counted in the key's ledger before the p-value is shown.</summary>
internal sealed class Detections(Device device, CancellationToken cancellation)
{
    private readonly ConcurrentQueue<DetectionRun> runs = new();
    private readonly Lock one = new();

    public IReadOnlyList<DetectionRun> All => [.. runs];

    /// <summary>Starts a test; its result is written to a file.</summary>
    public DetectionRun Start(WhiteBoxJob job, string output)
    {
        var run = new DetectionRun(runs.Count + 1, Path.GetFileName(output));
        runs.Enqueue(run);
        _ = Task.Run(() => Work(run, job, output), cancellation);
        return run;
    }

    private void Work(DetectionRun run, WhiteBoxJob job, string output)
    {
        try
        {
            lock (one)
            {
                Ledger.Check(Ledger.PathFor(job.Key.File), job.Key.LoadForTest().Commitment);
                var (_, outcome) = job.Run(device, run, cancellation);
                outcome.Record(job.Key.File, publishedFile: null).Save(output);
                run.Result = output;
            }
        }
        catch (Exception e) when (e is IsotopeException or OperationCanceledException or IOException or UnauthorizedAccessException)
        {
            run.Failure = e.Message;
        }
    }

    /// <summary>A test with default options; the key has no passphrase, since a page must not ask for one.</summary>
    public static WhiteBoxJob JobOf(string key, string marking, string tested, string? reference, string images) => new(
        new OwnerKey(key, Passphrase: null), marking, tested, new Networks.InputOverride(), reference is null ? [] : [reference], null, FeatureResponse.DefaultProbes, RankCheck.DefaultSets, images, null);
}
