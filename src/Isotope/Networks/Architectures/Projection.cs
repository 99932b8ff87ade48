using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The shortcut of a residual block: a 1 × 1 convolution and its norm if the shape changes, else the input itself. Not a module, since
/// blocks without a change of shape have none in state dicts.
/// </summary>
internal sealed class Projection
{
    private const string Name = "downsample";
    private readonly Sequential? layers;
    private readonly NormedConvolution? normed;
    private readonly bool averages;

    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="stride">1, or 2 to halve the grid.</param>
    /// <param name="averaged">Whether the grid is halved by averaging; the layers then count from 1.</param>
    /// <param name="device">Device of the weights; null is the CPU.</param>
    public Projection(int inputs, int outputs, int stride, bool averaged, Device? device)
    {
        if (stride == 1 && inputs == outputs)
            return;
        averages = averaged && stride > 1;
        var convolution = Layers.Convolution(inputs, outputs, kernel: 1, device, averages ? 1 : stride);
        var first = averaged ? 1 : 0;
        layers = nn.Sequential(($"{first}", convolution), ($"{first + 1}", new BatchNorm(outputs, device)));
        normed = NormedConvolution.Of(layers);
    }

    /// <summary>Registers the layers, if there are any, as a child of the block.</summary>
    public void Register(nn.Module block)
    {
        if (layers is null)
            return;
        block.register_module(Name, layers);
        block.register_module($"{Name}Normed", normed!);
    }

    /// <summary>The projected input, or an alias of the input.</summary>
    public Tensor Of(Tensor input)
    {
        if (normed is null)
            return input.alias();
        if (!averages)
            return normed.call(input);
        using var averaged = nn.functional.avg_pool2d(input, 2, stride: 2, ceil_mode: true, count_include_pad: false);
        return normed.call(averaged);
    }
}
