using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The shortcut of a residual block: a 1 × 1 convolution and its norm if the shape changes, else the input itself. Not a module, since the
/// block's field would name it in state dicts, and families name it differently.
/// </summary>
internal sealed class Projection
{
    private readonly Sequential? layers;
    private readonly NormedConvolution? normed;

    public Projection(int inputs, int outputs, int stride, Device? device)
    {
        if (stride == 1 && inputs == outputs)
            return;
        layers = nn.Sequential(Layers.Convolution(inputs, outputs, kernel: 1, device, stride), new BatchNorm(outputs, device));
        normed = NormedConvolution.Of(layers);
    }

    /// <summary>Registers the layers, if there are any, as a child of the block with this name.</summary>
    public void Register(nn.Module block, string name)
    {
        if (layers is null)
            return;
        block.register_module(name, layers);
        block.register_module($"{name}Normed", normed!);
    }

    /// <summary>The projected input, or an alias of the input.</summary>
    public Tensor Of(Tensor input) => normed is null ? input.alias() : normed.call(input);
}
