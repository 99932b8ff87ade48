using Isotope.Runs;

namespace Isotope.Detection.BlackBoxes;

/// <summary>Counts all images asked about, where models are asked in chunks and report progress within a chunk.</summary>
internal sealed class AskingProgress(IProgress<StageProgress>? inner, long images) : IProgress<StageProgress>
{
    private long before;

    /// <inheritdoc/>
    public void Report(StageProgress value) => inner?.Report(new StageProgress("asking", before + value.Done, images));

    /// <summary>Adds a chunk that was answered.</summary>
    public void Add(int answered)
    {
        before += answered;
        Report(default);
    }
}
