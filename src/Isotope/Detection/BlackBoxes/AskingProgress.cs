using Isotope.Runs;

namespace Isotope.Detection.BlackBoxes;

/// <summary>Images asked about in all, where models are asked about some at a time and tell how far they are with those.</summary>
internal sealed class AskingProgress(IProgress<StageProgress>? inner, long images) : IProgress<StageProgress>
{
    private long before;

    /// <inheritdoc/>
    public void Report(StageProgress value) => inner?.Report(new StageProgress("asking", before + value.Done, images));

    /// <summary>Some are answered.</summary>
    public void Add(int answered)
    {
        before += answered;
        Report(default);
    }
}
