using Isotope.Networks;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Evidence;

/// <summary>Where a test runs. Nothing here changes its outcome.</summary>
public sealed record TestEnvironment
{
    /// <summary>Where networks run. Default: the CPU.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>Told how far the test is. Default: nobody.</summary>
    public IProgress<StageProgress>? Progress { get; init; }

    /// <summary>Checked at every batch and at every request.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>
    /// Loads the suspect's file. Default: <see cref="Network.Load"/>. A program may try the file in another process first, since libtorch
    /// ends the process at a wrong TorchScript program.
    /// </summary>
    public Func<string, Device, InputOverride, CancellationToken, Network> LoadSuspect { get; init; } =
        static (file, device, input, _) => Network.Load(file, device, input);

    internal Network Suspect(string file, InputOverride input) => LoadSuspect(file, Device, input, Cancellation);
}
