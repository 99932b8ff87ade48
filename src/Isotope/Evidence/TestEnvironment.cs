using Isotope.Detection.Readings;
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

    /// <summary>Told how each network was understood, before anything is spent. Default: nobody.</summary>
    public IProgress<string>? Notes { get; init; }

    /// <summary>Checked at every batch and at every request.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>
    /// Loads the file of a network. Default: <see cref="Network.Load"/>. A program may try the file in another process first, since
    /// libtorch ends the process at a wrong TorchScript program.
    /// </summary>
    public Func<string, Device, InputOverride?, CancellationToken, Network> LoadNetwork { get; init; } =
        static (file, device, input, _) => Network.Load(file, device, input);

    internal ReadingCheck Check(bool anyway) => new(anyway, Progress, Notes, Cancellation);

    internal Network Load(InputPath network) => LoadNetwork(network.Path, Device, network.Takes, Cancellation);
}
