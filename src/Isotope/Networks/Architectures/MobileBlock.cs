using Isotope.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// A block of EfficientNet: expand, convolve each channel separately, weigh the channels by what the whole map holds
/// ("squeeze and excitation", Hu et al. 2018), project without activation.
/// </summary>
internal sealed class MobileBlock : nn.Module<Tensor, Tensor>
{
    private readonly Sequential block = nn.Sequential();
    private readonly NormedConvolution? expand;
    private readonly NormedConvolution separate;
    private readonly Excitation excite;
    private readonly NormedConvolution project;
    private readonly bool keepsShape;

    public MobileBlock(int inputs, int outputs, int kernel, int stride, int expansion, Device? device)
        : base(nameof(MobileBlock))
    {
        var width = inputs * expansion;
        keepsShape = stride == 1 && inputs == outputs;
        if (expansion != 1)
            expand = Append(Normed(inputs, width, kernel: 1, device));
        separate = Append(Normed(width, width, kernel, device, stride, groups: width));
        excite = new Excitation(width, Math.Max(1, inputs / 4), device);
        block.append(excite);
        project = Append(Normed(width, outputs, kernel: 1, device));
        register_module(nameof(block), block);
        foreach (var (name, normed) in new[] { (nameof(expand), expand), (nameof(separate), separate), (nameof(project), project) })
            if (normed is not null)
                register_module(name, normed);
    }

    /// <summary>A convolution and its norm, named <c>0</c> and <c>1</c>.</summary>
    public static Sequential Normed(int inputs, int outputs, int kernel, Device? device, int stride = 1, int groups = 1) =>
        nn.Sequential(Layers.Convolution(inputs, outputs, kernel, device, stride, groups), new BatchNorm(outputs, device));

    /// <summary>x · σ(x), in place.</summary>
    public static Tensor Activate(Tensor x) => nn.functional.silu(x, inplace: true);

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = expand is null ? input : Activate(expand.call(input));
        x = project.call(excite.call(Activate(separate.call(x))));
        return (keepsShape ? x.AddInPlace(input) : x).MoveToOuterDisposeScope();
    }

    private NormedConvolution Append(Sequential layers)
    {
        block.append(layers);
        return NormedConvolution.Of(layers);
    }

    private sealed class Excitation : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d fc1;
        private readonly Conv2d fc2;

        public Excitation(int channels, int squeezed, Device? device)
            : base(nameof(Excitation))
        {
            fc1 = Layers.Convolution(channels, squeezed, kernel: 1, device, bias: true);
            fc2 = Layers.Convolution(squeezed, channels, kernel: 1, device, bias: true);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var squeezed = Activate(fc1.call(input.mean([2, 3], keepdim: true)));
            return (input * fc2.call(squeezed).sigmoid()).MoveToOuterDisposeScope();
        }
    }
}
