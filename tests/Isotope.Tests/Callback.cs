using Isotope.Runs;

namespace Isotope.Tests;

/// <summary>Reports that are handled at once, on the caller's thread.</summary>
internal class Callback<T>(Action<T> action) : IProgress<T>
{
    public void Report(T value) => action(value);
}

/// <summary>Progress that is handled at once, on the caller's thread.</summary>
internal sealed class Callback(Action<StageProgress> action) : Callback<StageProgress>(action);
