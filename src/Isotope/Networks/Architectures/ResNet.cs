using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The residual networks of He et al. 2016, with projections where the shape changes ("option B"), and their relatives ResNeXt (Xie et al.
/// 2017), Wide ResNet for ImageNet (Zagoruyko and Komodakis 2016) and ResNet-D (He et al. 2019), named as in torchvision: <c>conv1</c>,
/// <c>layer1.0.downsample.0</c>, <c>fc</c>. d is the channels of the last stage.
/// </summary>
internal sealed class ResNet : ClassifierModule
{
    private readonly Stem stem;
    private readonly List<Sequential> stages = [];
    private readonly Linear fc;

    /// <summary>A network of this form with random weights.</summary>
    public ResNet(ResNetForm form, int classes, Device? device = null)
        : base(nameof(ResNet))
    {
        stem = new Stem(form.Stem, form.Width, device);
        stem.Register(this);
        var inputs = form.Width;
        for (var i = 0; i < form.Blocks.Count; i++)
        {
            var outputs = (form.Width << i) * (form.Bottleneck ? Bottleneck.Expansion : 1);
            stages.Add(Layers.Stage(form.Blocks[i], inputs, outputs, stride: i == 0 ? 1 : 2, Block));
            register_module($"layer{i + 1}", stages[i]);
            inputs = outputs;
        }

        fc = nn.Linear(inputs, classes, device: device);
        register_module(nameof(fc), fc);

        nn.Module<Tensor, Tensor> Block(int inputs, int outputs, int stride) =>
            form.Bottleneck ? new Bottleneck(form, inputs, outputs, stride, device) : new BasicBlock(form, inputs, outputs, stride, device);
    }

    /// <inheritdoc/>
    public override Linear Head => fc;

    /// <inheritdoc/>
    public override (long Kernel, long Stride, long Padding)? MaxPooling => stem.MaxPooling;

    /// <inheritdoc/>
    public override Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = stem.Of(input);
        foreach (var stage in stages)
            x = stage.call(x);
        return x.mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Initialise() => Layers.InitialiseConvolutions(this);
}
