using System.Collections.Concurrent;
using Isotope.Carriers;
using Isotope.Evidence;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Cli.Serve;

/// <summary>A detection that a person started, and how far it is.</summary>
internal sealed class DetectionRun(int number, string output) : IProgress<StageProgress>
{
    private StageProgress last = new("waiting", 0, 1);

    public int Number => number;

    /// <summary>The result file that it will write.</summary>
    public string Output => output;

    public string Title => Path.GetFileName(output);

    /// <summary>The result file, once it is written.</summary>
    public string? Result { get; set; }

    /// <summary>What went wrong.</summary>
    public string? Failure { get; set; }

    public bool IsOver => Result is not null || Failure is not null;

    public StageProgress Progress => last;

    public void Report(StageProgress value) => last = value;
}

/// <summary>
/// Runs detections one after the other, as the command line would: counted in the key's ledger before the p-value is shown.
/// </summary>
internal sealed class Detections(Device device, CancellationToken cancellation)
{
    private readonly ConcurrentQueue<DetectionRun> runs = new();
    private readonly Lock starting = new();
    private readonly Lock one = new();

    public IReadOnlyList<DetectionRun> All => [.. runs];

    /// <summary>Starts a test; its result is written to a file.</summary>
    /// <exception cref="IsotopeException">Another test has this file.</exception>
    public DetectionRun Start(TestDescription test, string output)
    {
        var run = Enqueue(output);
        _ = Task.Run(() => Work(run, test), cancellation);
        return run;
    }

    private DetectionRun Enqueue(string output)
    {
        lock (starting)
        {
            if (Path.Exists(output) || runs.Any(other => other.Output == output && !other.IsOver))
                throw new IsotopeException(
                    $"out: expected a new file, found {Path.GetFileName(output)}, which exists or is another test's that was started here"
                );
            var run = new DetectionRun(runs.Count + 1, output);
            runs.Enqueue(run);
            return run;
        }
    }

    private void Work(DetectionRun run, TestDescription test)
    {
        try
        {
            lock (one)
            {
                test.Record(TrialLoad.EnvironmentOn(device, run, cancellation)).Save(run.Output);
                run.Result = run.Output;
            }
        }
        catch (Exception e)
        {
            // Whatever it was, a person waits for the end; libtorch's messages have many lines.
            var message = e is IsotopeException mistake ? mistake.CommandLineMessage : e.Message;
            run.Failure = message.Split('\n')[0].TrimEnd();
        }
    }

    /// <summary>A test with default options; the key has no passphrase, since a page must not ask for one.</summary>
    public static WhiteBoxDescription TestOf(string key, string marking, string tested, string? reference, string images) =>
        new()
        {
            Key = new OwnerKey(key),
            MarkingNetwork = marking,
            TestedNetwork = tested,
            References = reference is null ? [] : [reference],
            Images = images,
        };
}
