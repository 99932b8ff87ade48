using Isotope.Runs;

namespace Isotope.Tests;

/// <summary>Progress that is handled at once, on the caller's thread.</summary>
internal sealed class Callback(Action<StageProgress> action) : IProgress<StageProgress>
{
    public void Report(StageProgress value) => action(value);
}
