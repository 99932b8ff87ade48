using Isotope.Networks;
using Isotope.Numerics;
using Isotope.Runs;
using static TorchSharp.torch;

namespace Isotope.Attacks;

/// <summary>
/// Ways to change a trained network in the hope of removing the mark, without training and without the key (paper §6). They change matrices
/// and kernels in place, and leave biases and norms.
/// </summary>
internal static class WeightAttack
{
    /// <summary>Sets the weights of smallest magnitude to zero, across all layers.</summary>
    /// <param name="network">The network to prune; it is frozen afterwards.</param>
    /// <param name="fraction">Share of the weights to set to zero, 0 to below 1.</param>
    /// <exception cref="IsotopeException">The fraction is out of range.</exception>
    public static void Prune(TorchNetwork network, double fraction)
    {
        OptionCheck.Require(fraction is >= 0 and < 1, "pruned fraction", "0 to below 1", fraction);
        Change(
            network,
            weights =>
            {
                var magnitudes = cat([.. weights.Select(weight => weight.abs().flatten())]);
                var count = (long)(fraction * magnitudes.numel());
                if (count == 0)
                    return;
                var threshold = magnitudes.kthvalue(count, 0).values;
                foreach (var weight in weights)
                    weight.mul_(weight.abs().gt(threshold));
            }
        );
    }

    /// <summary>Rounds the weights of every layer to 2ᵇ − 1 evenly spaced levels, symmetric about zero, as for 8-bit inference.</summary>
    /// <param name="network">The network to quantise; it is frozen afterwards.</param>
    /// <param name="bits">Number of bits b, 2 to 16.</param>
    /// <exception cref="IsotopeException">The number of bits is out of range.</exception>
    public static void Quantise(TorchNetwork network, int bits)
    {
        OptionCheck.Require(bits is >= 2 and <= 16, "bits", "2 to 16", bits);
        Change(
            network,
            weights =>
            {
                foreach (var weight in weights)
                {
                    var step = weight.abs().max().Over((1 << (bits - 1)) - 1);
                    weight.copy_((weight / step).nan_to_num().round() * step); // a layer of zeros gives 0 / 0
                }
            }
        );
    }

    /// <summary>Adds Gaussian noise to the weights of every layer.</summary>
    /// <param name="network">The network to change; it is frozen afterwards.</param>
    /// <param name="relative">Standard deviation of the noise divided by that of the layer's weights.</param>
    /// <param name="seed">Seed of the noise.</param>
    /// <exception cref="IsotopeException"><paramref name="relative"/> is negative or too large.</exception>
    public static void AddNoise(TorchNetwork network, double relative, long seed)
    {
        OptionCheck.Require(relative is >= 0 and < 1e6, "noise", "0 or above", relative);
        using var generator = new Generator((ulong)seed);
        Change(
            network,
            weights =>
            {
                foreach (var weight in weights)
                {
                    var noise = randn(weight.shape, generator: generator).to(weight.device);
                    weight.AddInPlace(noise * weight.std().Times(relative));
                }
            }
        );
    }

    private static void Change(TorchNetwork network, Action<IReadOnlyList<Tensor>> change)
    {
        using (NewDisposeScope())
        using (no_grad())
            change([.. network.Module.parameters().Where(parameter => parameter.dim() > 1)]);
        network.Freeze();
    }
}
