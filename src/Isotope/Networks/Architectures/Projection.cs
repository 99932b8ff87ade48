using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The shortcut of a residual block: a 1 × 1 convolution and its norm where the shape changes, else the input itself. No
/// module, since the block's field would name it in state dicts, where families differ.
/// </summary>
internal sealed class Projection
{
    private readonly Sequential? layers;

    public Projection(int inputs, int outputs, int stride, Device? device)
    {
        if (stride != 1 || inputs != outputs)
            layers = nn.Sequential(Layers.Convolution(inputs, outputs, kernel: 1, device, stride), nn.BatchNorm2d(outputs, device: device));
    }

    /// <summary>Makes the layers, if there are any, a child of the block under this name.</summary>
    public void Register(nn.Module block, string name)
    {
        if (layers is not null) block.register_module(name, layers);
    }

    public Tensor Of(Tensor input) => layers is null ? input.alias() : layers.call(input);
}
