namespace Isotope.Networks.Architectures;

/// <summary>The namings that are tried on a state dict, in this order. A new one is one more list of rules.</summary>
internal static class Namings
{
    /// <summary>In torchvision's MobileNetV2, numbers of the first block of stages 2 to 7.</summary>
    private static readonly int[] FirstBlocks = [2, 4, 7, 11, 14, 17];

    /// <summary>Ours first: torchvision's, which timm shares for residual networks.</summary>
    public static IReadOnlyList<Naming> All { get; } =
    [
        new(),
        Shortcuts,
        ResidualFunctions,
        HuggingFaceResNet,
        OpenMmlab,
        OpenMmlabResNetD,
        DenseNetOf2017,
        DenseNetOfThreeBlocks,
        VggWithDropoutFirst,
        TimmVgg,
        WideWithSpareBlock,
        TimmMobileNet,
        TimmEfficientNet,
        TimmConvNeXt,
        OriginalConvNeXt,
        HuggingFaceConvNeXt,
        VisionTransformerOf2021,
        TimmVisionTransformer,
        HuggingFaceVisionTransformer,
        TimmSwin(merges: 0),
        TimmSwin(merges: 2),
        HuggingFaceSwin,
    ];

    /// <summary>kuangliu/pytorch-cifar, akamaster/pytorch_resnet_cifar10 with option B, and older files of ours.</summary>
    private static Naming Shortcuts => new((@"\.shortcut\.([0-9])\.", ".downsample.$1."));

    /// <summary>weiaicunzai/pytorch-cifar100.</summary>
    private static Naming ResidualFunctions =>
        new(
            (@"^conv([2-5])_x\.([0-9]+)\.", "layer$1-1.$2."),
            (@"\.residual_function\.0\.", ".conv1."),
            (@"\.residual_function\.1\.", ".bn1."),
            (@"\.residual_function\.3\.", ".conv2."),
            (@"\.residual_function\.4\.", ".bn2."),
            (@"\.residual_function\.6\.", ".conv3."),
            (@"\.residual_function\.7\.", ".bn3."),
            (@"\.shortcut\.([0-9])\.", ".downsample.$1."),
            (@"^conv1\.1\.", "bn1."),
            (@"^conv1\.0\.", "conv1.")
        );

    private static Naming HuggingFaceResNet =>
        new(
            (@"^(resnet\.)?embedder\.embedder\.convolution\.", "conv1."),
            (@"^(resnet\.)?embedder\.embedder\.normalization\.", "bn1."),
            (@"^(resnet\.)?encoder\.stages\.([0-9])\.layers\.([0-9]+)\.", "layer$2+1.$3."),
            (@"\.shortcut\.convolution\.", ".downsample.0."),
            (@"\.shortcut\.normalization\.", ".downsample.1."),
            (@"\.layer\.([0-2])\.convolution\.", ".conv$1+1."),
            (@"\.layer\.([0-2])\.normalization\.", ".bn$1+1.")
        );

    /// <summary>mmpretrain and mmcls.</summary>
    private static Naming OpenMmlab => new((@"^backbone\.", ""));

    /// <summary>The same for ResNet-D, where the layers of the first shortcut are counted from 0.</summary>
    private static Naming OpenMmlabResNetD =>
        new(
            (@"^backbone\.", ""),
            (@"^stem\.2\.bn\.", "bn1."),
            (@"^stem\.2\.conv\.", "conv1.6."),
            (@"^stem\.1\.bn\.", "conv1.4."),
            (@"^stem\.1\.conv\.", "conv1.3."),
            (@"^stem\.0\.bn\.", "conv1.1."),
            (@"^stem\.0\.conv\.", "conv1.0."),
            (@"^layer1\.0\.downsample\.1\.", "layer1.0.downsample.2."),
            (@"^layer1\.0\.downsample\.0\.", "layer1.0.downsample.1.")
        );

    /// <summary>torchvision's published DenseNets.</summary>
    private static Naming DenseNetOf2017 => new((@"(\.denselayer[0-9]+)\.(norm|conv)\.([12])\.", "$1.$2$3."));

    /// <summary>bearpaw/pytorch-classification.</summary>
    private static Naming DenseNetOfThreeBlocks =>
        new(
            (@"^conv1\.", "features.conv0."),
            (@"^dense([0-9])\.([0-9]+)\.bn([12])\.", "features.denseblock$1.denselayer$2+1.norm$3."),
            (@"^dense([0-9])\.([0-9]+)\.conv([12])\.", "features.denseblock$1.denselayer$2+1.conv$3."),
            (@"^trans([0-9])\.bn1\.", "features.transition$1.norm."),
            (@"^trans([0-9])\.conv1\.", "features.transition$1.conv."),
            (@"^bn\.", "features.norm5.")
        );

    /// <summary>chengyangfu/pytorch-vgg-cifar10.</summary>
    private static Naming VggWithDropoutFirst => new((@"^classifier\.1\.", "classifier.0."), (@"^classifier\.4\.", "classifier.3."));

    private static Naming TimmVgg =>
        new(
            (@"^pre_logits\.fc1\.weight$", "classifier.0.weight#matrix"),
            (@"^pre_logits\.fc1\.bias$", "classifier.0.bias"),
            (@"^pre_logits\.fc2\.weight$", "classifier.3.weight#matrix"),
            (@"^pre_logits\.fc2\.bias$", "classifier.3.bias")
        );

    /// <summary>yaodongyu/TRADES, whose Wide ResNet has a block that nothing uses.</summary>
    private static Naming WideWithSpareBlock => new((@"^sub_block1\..*", ""));

    private static Naming TimmMobileNet =>
        new([
            (@"^conv_stem\.", "features.0.0."),
            (@"^bn1\.", "features.0.1."),
            (@"^conv_head\.", "features.18.0."),
            (@"^bn2\.", "features.18.1."),
            (@"^blocks\.0\.0\.conv_dw\.", "features.1.conv.0.0."),
            (@"^blocks\.0\.0\.bn1\.", "features.1.conv.0.1."),
            (@"^blocks\.0\.0\.conv_pw\.", "features.1.conv.1."),
            (@"^blocks\.0\.0\.bn2\.", "features.1.conv.2."),
            .. FirstBlocks.Select((first, i) => ($@"^blocks\.{i + 1}\.([0-9])\.", $"features.$1+{first}.conv.")),
            (@"\.conv\.conv_pw\.", ".conv.0.0."),
            (@"\.conv\.bn1\.", ".conv.0.1."),
            (@"\.conv\.conv_dw\.", ".conv.1.0."),
            (@"\.conv\.bn2\.", ".conv.1.1."),
            (@"\.conv\.conv_pwl\.", ".conv.2."),
            (@"\.conv\.bn3\.", ".conv.3."),
        ]);

    private static Naming TimmEfficientNet =>
        new(
            (@"^conv_stem\.", "features.0.0."),
            (@"^bn1\.", "features.0.1."),
            (@"^conv_head\.", "features.8.0."),
            (@"^bn2\.", "features.8.1."),
            (@"^blocks\.0\.([0-9]+)\.conv_dw\.", "features.1.$1.block.0.0."),
            (@"^blocks\.0\.([0-9]+)\.bn1\.", "features.1.$1.block.0.1."),
            (@"^blocks\.0\.([0-9]+)\.se\.conv_reduce\.", "features.1.$1.block.1.fc1."),
            (@"^blocks\.0\.([0-9]+)\.se\.conv_expand\.", "features.1.$1.block.1.fc2."),
            (@"^blocks\.0\.([0-9]+)\.conv_pw\.", "features.1.$1.block.2.0."),
            (@"^blocks\.0\.([0-9]+)\.bn2\.", "features.1.$1.block.2.1."),
            (@"^blocks\.([0-9])\.([0-9]+)\.", "features.$1+1.$2.block."),
            (@"\.block\.conv_pw\.", ".block.0.0."),
            (@"\.block\.bn1\.", ".block.0.1."),
            (@"\.block\.conv_dw\.", ".block.1.0."),
            (@"\.block\.bn2\.", ".block.1.1."),
            (@"\.block\.se\.conv_reduce\.", ".block.2.fc1."),
            (@"\.block\.se\.conv_expand\.", ".block.2.fc2."),
            (@"\.block\.conv_pwl\.", ".block.3.0."),
            (@"\.block\.bn3\.", ".block.3.1.")
        );

    private static Naming TimmConvNeXt =>
        new([
            (@"^stem\.([01])\.", "features.0.$1."),
            .. FourStages(i => ($@"^stages\.{i}\.downsample\.([01])\.", $"features.{2 * i}.$1.")),
            .. FourStages(i => ($@"^stages\.{i}\.blocks\.([0-9]+)\.", $"features.{2 * i + 1}.$1.")),
            (@"\.conv_dw\.", ".block.0."),
            (@"(^features.*)\.norm\.", "$1.block.2."),
            (@"\.mlp\.fc1\.", ".block.3."),
            (@"\.mlp\.fc2\.", ".block.5."),
            (@"\.gamma$", ".layer_scale#column"),
            (@"^head\.norm\.", "classifier.0."),
        ]);

    /// <summary>facebookresearch/ConvNeXt.</summary>
    private static Naming OriginalConvNeXt =>
        new([
            .. FourStages(i => ($@"^downsample_layers\.{i}\.([01])\.", $"features.{2 * i}.$1.")),
            .. FourStages(i => ($@"^stages\.{i}\.([0-9]+)\.", $"features.{2 * i + 1}.$1.")),
            (@"\.dwconv\.", ".block.0."),
            (@"\.norm\.", ".block.2."),
            (@"\.pwconv1\.", ".block.3."),
            (@"\.pwconv2\.", ".block.5."),
            (@"\.gamma$", ".layer_scale#column"),
            (@"^norm\.", "classifier.0."),
        ]);

    private static Naming HuggingFaceConvNeXt =>
        new([
            (@"^(convnext\.)?embeddings\.patch_embeddings\.", "features.0.0."),
            (@"^(convnext\.)?embeddings\.layernorm\.", "features.0.1."),
            .. FourStages(i => ($@"^(convnext\.)?encoder\.stages\.{i}\.downsampling_layer\.([01])\.", $"features.{2 * i}.$2.")),
            .. FourStages(i => ($@"^(convnext\.)?encoder\.stages\.{i}\.layers\.([0-9]+)\.", $"features.{2 * i + 1}.$2.")),
            (@"\.dwconv\.", ".block.0."),
            (@"(^features.*)\.layernorm\.", "$1.block.2."),
            (@"\.pwconv1\.", ".block.3."),
            (@"\.pwconv2\.", ".block.5."),
            (@"\.layer_scale_parameter$", ".layer_scale#column"),
            (@"^(convnext\.)?layernorm\.", "classifier.0."),
        ]);

    /// <summary>torchvision's published vision transformers.</summary>
    private static Naming VisionTransformerOf2021 => new((@"\.mlp\.linear_1\.", ".mlp.0."), (@"\.mlp\.linear_2\.", ".mlp.3."));

    /// <summary>timm, and the vision transformers of DeiT, DINO and MAE.</summary>
    private static Naming TimmVisionTransformer =>
        new(
            (@"^cls_token$", "class_token"),
            (@"^pos_embed$", "encoder.pos_embedding"),
            (@"^patch_embed\.proj\.", "conv_proj."),
            (@"^blocks\.([0-9]+)\.", "encoder.layers.encoder_layer_$1."),
            (@"\.norm([12])\.", ".ln_$1."),
            (@"\.attn\.qkv\.", ".self_attention.in_proj_"),
            (@"\.attn\.proj\.", ".self_attention.out_proj."),
            (@"\.mlp\.fc1\.", ".mlp.0."),
            (@"\.mlp\.fc2\.", ".mlp.3."),
            (@"^norm\.", "encoder.ln.")
        );

    private static Naming HuggingFaceVisionTransformer =>
        new(
            (@"^(vit\.|deit\.)?embeddings\.cls_token$", "class_token"),
            (@"^(vit\.|deit\.)?embeddings\.position_embeddings$", "encoder.pos_embedding"),
            (@"^(vit\.|deit\.)?embeddings\.patch_embeddings\.projection\.", "conv_proj."),
            (@"^(vit\.|deit\.)?encoder\.layer\.([0-9]+)\.", "encoder.layers.encoder_layer_$2."),
            (@"\.layernorm_before\.", ".ln_1."),
            (@"\.layernorm_after\.", ".ln_2."),
            (@"\.attention\.attention\.query\.(weight|bias)$", ".self_attention.in_proj_$1#1/3"),
            (@"\.attention\.attention\.key\.(weight|bias)$", ".self_attention.in_proj_$1#2/3"),
            (@"\.attention\.attention\.value\.(weight|bias)$", ".self_attention.in_proj_$1#3/3"),
            (@"\.attention\.output\.dense\.", ".self_attention.out_proj."),
            (@"\.intermediate\.dense\.", ".mlp.0."),
            (@"\.output\.dense\.", ".mlp.3."),
            (@"^(vit\.|deit\.)?layernorm\.", "encoder.ln."),
            (@"^(vit\.|deit\.)?pooler\.dense\..*", "")
        )
        {
            Input = input => input with { CentreRatio = 1, Mean = [0.5, 0.5, 0.5], Std = [0.5, 0.5, 0.5] },
        };

    /// <summary>
    /// timm and microsoft/Swin-Transformer: stages end with the merging of patches (<paramref name="merges"/> = 2 after ours), or, in timm
    /// since 0.9, begin with it (0).
    /// </summary>
    private static Naming TimmSwin(int merges) =>
        new([
            (@"^patch_embed\.proj\.", "features.0.0."),
            (@"^patch_embed\.norm\.", "features.0.2."),
            .. FourStages(i => ($@"^layers\.{i}\.downsample\.", $"features.{2 * i + merges}.")),
            .. FourStages(i => ($@"^layers\.{i}\.blocks\.([0-9]+)\.", $"features.{2 * i + 1}.$1.")),
            (@"\.mlp\.fc1\.", ".mlp.0."),
            (@"\.mlp\.fc2\.", ".mlp.3."),
            (@".*\.relative_position_index$", ""),
            (@".*\.attn_mask$", ""),
        ]);

    private static Naming HuggingFaceSwin =>
        new([
            (@"^(swin\.)?embeddings\.patch_embeddings\.projection\.", "features.0.0."),
            (@"^(swin\.)?embeddings\.norm\.", "features.0.2."),
            .. FourStages(i => ($@"^(swin\.)?encoder\.layers\.{i}\.downsample\.", $"features.{2 * i + 2}.")),
            .. FourStages(i => ($@"^(swin\.)?encoder\.layers\.{i}\.blocks\.([0-9]+)\.", $"features.{2 * i + 1}.$2.")),
            (@"\.layernorm_before\.", ".norm1."),
            (@"\.layernorm_after\.", ".norm2."),
            (@"\.attention\.self\.relative_position_bias_table$", ".attn.relative_position_bias_table"),
            (@"\.attention\.self\.query\.(weight|bias)$", ".attn.qkv.$1#1/3"),
            (@"\.attention\.self\.key\.(weight|bias)$", ".attn.qkv.$1#2/3"),
            (@"\.attention\.self\.value\.(weight|bias)$", ".attn.qkv.$1#3/3"),
            (@"\.attention\.output\.dense\.", ".attn.proj."),
            (@"\.intermediate\.dense\.", ".mlp.0."),
            (@"\.output\.dense\.", ".mlp.3."),
            (@"^(swin\.)?layernorm\.", "norm."),
            (@".*\.relative_position_index$", ""),
        ]);

    private static IEnumerable<(string, string)> FourStages(Func<int, (string, string)> rule) => Enumerable.Range(0, 4).Select(rule);
}
