using Isotope.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Isotope.Networks.Architectures;

/// <summary>
/// The transformers of Dosovitskiy et al. 2021, named as in torchvision: <c>class_token</c>, <c>conv_proj</c>,
/// <c>encoder.layers.encoder_layer_0.ln_1</c>, <c>heads.head</c>. The features are the class token's after the last norm. Heads have 64
/// channels. Positions are learned, so views have one size.
/// </summary>
internal sealed class VisionTransformer : ClassifierModule
{
    private const double Epsilon = 1e-6;

    private readonly Parameter class_token;
    private readonly Conv2d conv_proj;
    private readonly Encoder encoder;
    private readonly Linear head;

    private VisionTransformer(int patch, int size, int width, int depth, int classes, Device? device)
        : base(nameof(VisionTransformer))
    {
        class_token = new Parameter(zeros(1, 1, width, device: device));
        conv_proj = nn.Conv2d(3, width, kernel_size: patch, stride: patch, device: device);
        var tokens = size / patch * (size / patch) + 1;
        encoder = new Encoder(tokens, width, depth, device);
        head = nn.Linear(width, classes, device: device);
        register_parameter(nameof(class_token), class_token);
        register_module(nameof(conv_proj), conv_proj);
        register_module(nameof(encoder), encoder);
        register_module("heads", nn.Sequential(("head", head)));
    }

    /// <summary>The architectures of the catalogue.</summary>
    public static IEnumerable<Architecture> Family { get; } =
    [
        Of("vit_ti_16", patch: 16, width: 192, depth: 12),
        Of("vit_s_16", patch: 16, width: 384, depth: 12),
        Of("vit_b_16", patch: 16, width: 768, depth: 12),
        Of("vit_b_16-384", patch: 16, width: 768, depth: 12, size: 384),
        Of("vit_b_32", patch: 32, width: 768, depth: 12),
        Of("vit_l_16", patch: 16, width: 1024, depth: 24),
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
        var patches = conv_proj.call(input).flatten(2).transpose(1, 2);
        var tokens = cat([class_token.expand(input.shape[0], -1, -1), patches], dim: 1);
        return encoder.call(tokens).select(1, 0).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Initialise() => Layers.InitialiseNarrow(this);

    private static Architecture Of(string name, int patch, int width, int depth, int size = 224)
    {
        return new(name, "heads.head", size == 224 ? Inputs.ImageNet : Inputs.Cropped(size, size), Build)
        {
            SmallestInput = size,
            LargestInput = size,
            LeftOpen = ["many vision transformers want mean and standard deviation 0.5 and other crops, DeiT wants ImageNet's"],
        };

        ClassifierModule Build(int classes, Device? device) => new VisionTransformer(patch, size, width, depth, classes, device);
    }

    private sealed class Encoder : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter pos_embedding;
        private readonly Sequential layers;
        private readonly LayerNorm ln;

        public Encoder(int tokens, int width, int depth, Device? device)
            : base(nameof(Encoder))
        {
            pos_embedding = new Parameter(zeros(1, tokens, width, device: device));
            layers = nn.Sequential(Enumerable.Range(0, depth).Select(i => ($"encoder_layer_{i}", NewLayer(width, device))));
            ln = nn.LayerNorm(width, eps: Epsilon, device: device);
            register_parameter(nameof(pos_embedding), pos_embedding);
            register_module(nameof(layers), layers);
            register_module(nameof(ln), ln);
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return ln.call(layers.call(input.Plus(pos_embedding))).MoveToOuterDisposeScope();
        }

        private static nn.Module<Tensor, Tensor> NewLayer(int width, Device? device) => new Layer(width, device);
    }

    private sealed class Layer : nn.Module<Tensor, Tensor>
    {
        private readonly LayerNorm ln_1;
        private readonly SelfAttention self_attention;
        private readonly LayerNorm ln_2;
        private readonly Perceptron mlp;

        public Layer(int width, Device? device)
            : base(nameof(Layer))
        {
            ln_1 = nn.LayerNorm(width, eps: Epsilon, device: device);
            self_attention = new SelfAttention(width, device);
            ln_2 = nn.LayerNorm(width, eps: Epsilon, device: device);
            mlp = new Perceptron(width, device);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = input.Plus(self_attention.call(ln_1.call(input)));
            return x.Plus(mlp.call(ln_2.call(x))).MoveToOuterDisposeScope();
        }
    }

    private sealed class SelfAttention : nn.Module<Tensor, Tensor>
    {
        private const int HeadWidth = 64;
        private readonly Parameter in_proj_weight;
        private readonly Parameter in_proj_bias;
        private readonly Linear out_proj;

        public SelfAttention(int width, Device? device)
            : base(nameof(SelfAttention))
        {
            in_proj_weight = new Parameter(zeros(3 * width, width, device: device));
            in_proj_bias = new Parameter(zeros(3 * width, device: device));
            out_proj = nn.Linear(width, width, device: device);
            register_parameter(nameof(in_proj_weight), in_proj_weight);
            register_parameter(nameof(in_proj_bias), in_proj_bias);
            register_module(nameof(out_proj), out_proj);
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var heads = Attention.Split(nn.functional.linear(input, in_proj_weight, in_proj_bias), (int)input.shape[2] / HeadWidth);
            return out_proj.call(Attention.Of(heads)).MoveToOuterDisposeScope();
        }
    }
}
