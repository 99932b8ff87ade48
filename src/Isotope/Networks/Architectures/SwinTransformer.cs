using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The transformers with shifted windows of Liu et al. 2021, named as in torchvision: <c>features.0.0</c>, <c>features.1.0.attn.qkv</c>,
/// <c>features.2.reduction</c>, <c>head</c>. Windows of 7 × 7, heads of 32 channels. d = 768, for Base 1024. Unlike torchvision, training
/// drops no whole blocks.
/// </summary>
internal sealed class SwinTransformer : ClassifierModule
{
    private readonly Sequential features = nn.Sequential();
    private readonly LayerNorm norm;
    private readonly Linear head;

    private SwinTransformer(int[] blocks, int width, int classes, Device? device)
        : base(nameof(SwinTransformer))
    {
        var patches = nn.Conv2d(3, width, kernel_size: 4, stride: 4, device: device);
        features.append(nn.Sequential(("0", patches), ("1", new ToRows()), ("2", Norm(width, device))));
        for (var i = 0; i < blocks.Length; i++)
        {
            var channels = width << i;
            if (i > 0)
                features.append(new PatchMerging(channels / 2, device));
            features.append(
                nn.Sequential(Enumerable.Range(0, blocks[i]).Select(j => new SwinBlock(channels, isShifted: j % 2 == 1, device)))
            );
        }

        var dimension = width << (blocks.Length - 1);
        norm = Norm(dimension, device);
        head = nn.Linear(dimension, classes, device: device);
        RegisterComponents();
    }

    /// <summary>The architectures of the catalogue.</summary>
    public static IEnumerable<Architecture> Family { get; } =
    [
        Of("swin_t", [2, 2, 6, 2], 96, resized: 232),
        Of("swin_s", [2, 2, 18, 2], 96, resized: 246),
        Of("swin_b", [2, 2, 18, 2], 128, resized: 238),
    ];

    /// <inheritdoc/>
    public override Linear Head => head;

    /// <inheritdoc/>
    public override string Activation => "GELU";

    /// <inheritdoc/>
    public override bool RoundsByBatch => true;

    /// <inheritdoc/>
    public override Tensor Features(Tensor input)
    {
        using var scope = NewDisposeScope();
        return norm.call(features.call(input)).mean([1, 2]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Initialise() => Layers.InitialiseNarrow(this);

    /// <summary>Layer normalisation over channels, the last dimension.</summary>
    internal static LayerNorm Norm(int channels, Device? device) => nn.LayerNorm(channels, eps: 1e-5, device: device);

    private static Architecture Of(string name, int[] blocks, int width, int resized)
    {
        return new(name, "head", Inputs.Cropped(224, resized), Build);

        ClassifierModule Build(int classes, Device? device) => new SwinTransformer(blocks, width, classes, device);
    }

    /// <summary>Maps N × C × H × W as N × H × W × C.</summary>
    private sealed class ToRows() : nn.Module<Tensor, Tensor>(nameof(ToRows))
    {
        public override Tensor forward(Tensor input) => input.permute(0, 2, 3, 1);
    }

    /// <summary>Halves the grid: each 2 × 2 pixels of C channels become one of 4C, projected to 2C. Odd sides are padded.</summary>
    private sealed class PatchMerging : nn.Module<Tensor, Tensor>
    {
        private readonly Linear reduction;
        private readonly LayerNorm norm;

        public PatchMerging(int channels, Device? device)
            : base(nameof(PatchMerging))
        {
            reduction = nn.Linear(4 * channels, 2 * channels, hasBias: false, device: device);
            norm = Norm(4 * channels, device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var (count, height, width, channels) = (input.shape[0], input.shape[1], input.shape[2], input.shape[3]);
            var x = nn.functional.pad(input, [0, 0, 0, width % 2, 0, height % 2]);
            x = x.reshape(count, (height + 1) / 2, 2, (width + 1) / 2, 2, channels).permute(0, 1, 3, 4, 2, 5).flatten(3);
            return reduction.call(norm.call(x)).MoveToOuterDisposeScope();
        }
    }
}
