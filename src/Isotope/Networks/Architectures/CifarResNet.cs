using Isotope.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The CIFAR residual networks of He et al. 2016 (§4.2): depth 6n + 2, widths 16, 32, 64, shortcuts without parameters
/// ("option A"). d = 64. Named as in the common PyTorch checkpoints: <c>conv1</c>, <c>layer1.0.conv1</c>, <c>linear</c>.
/// </summary>
internal sealed class CifarResNet : ClassifierModule
{
    private readonly Conv2d conv1;
    private readonly BatchNorm bn1;
    private readonly NormedConvolution stem;
    private readonly Sequential layer1;
    private readonly Sequential layer2;
    private readonly Sequential layer3;
    private readonly Linear linear;

    /// <summary>A network of 6 · <paramref name="blocksPerStage"/> + 2 layers.</summary>
    public CifarResNet(int blocksPerStage, int classes, Device? device = null)
        : base(nameof(CifarResNet))
    {
        conv1 = Layers.Convolution(3, 16, kernel: 3, device);
        bn1 = new BatchNorm(16, device);
        stem = new NormedConvolution(conv1, bn1);
        layer1 = Layers.Stage(blocksPerStage, 16, 16, stride: 1, NewBlock);
        layer2 = Layers.Stage(blocksPerStage, 16, 32, stride: 2, NewBlock);
        layer3 = Layers.Stage(blocksPerStage, 32, 64, stride: 2, NewBlock);
        linear = nn.Linear(64, classes, device: device);
        RegisterComponents();

        Block NewBlock(int inputs, int outputs, int stride) => new(inputs, outputs, stride, device);
    }

    /// <inheritdoc/>
    public override Linear Head => linear;

    /// <inheritdoc/>
    public override Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = stem.call(input).relu_();
        x = layer3.call(layer2.call(layer1.call(x)));
        return x.mean([2, 3]).MoveToOuterDisposeScope();
    }

    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1;
        private readonly BatchNorm bn1;
        private readonly Conv2d conv2;
        private readonly BatchNorm bn2;
        private readonly NormedConvolution first;
        private readonly NormedConvolution second;
        private readonly int stride;
        private readonly int extraChannels;

        public Block(int inputs, int outputs, int stride, Device? device)
            : base(nameof(Block))
        {
            conv1 = Layers.Convolution(inputs, outputs, kernel: 3, device, stride);
            bn1 = new BatchNorm(outputs, device);
            conv2 = Layers.Convolution(outputs, outputs, kernel: 3, device);
            bn2 = new BatchNorm(outputs, device);
            first = new NormedConvolution(conv1, bn1);
            second = new NormedConvolution(conv2, bn2);
            this.stride = stride;
            extraChannels = outputs - inputs;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = second.call(first.call(input).relu_()).AddInPlace(Shortcut(input));
            return x.relu_().MoveToOuterDisposeScope();
        }

        /// <summary>Option A: subsample, and add channels of zeros before and after.</summary>
        private Tensor Shortcut(Tensor input)
        {
            if (extraChannels == 0)
                return input.alias();
            var every = TensorIndex.Slice(step: stride);
            var sampled = input[TensorIndex.Colon, TensorIndex.Colon, every, every];
            return nn.functional.pad(sampled, [0, 0, 0, 0, extraChannels / 2, extraChannels / 2]);
        }
    }
}
