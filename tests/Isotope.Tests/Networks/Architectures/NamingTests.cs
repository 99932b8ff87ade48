using System.Text.RegularExpressions;
using Isotope.Networks;
using Isotope.Networks.Architectures;
using Isotope.Networks.Checkpoints;
using Isotope.Numerics;
using static TorchSharp.torch;

namespace Isotope.Tests.Networks.Architectures;

/// <summary>State dicts with the names of other libraries: recognised, and read into the right places.</summary>
public sealed class NamingTests
{
    /// <summary>How a library writes an architecture of ours; rules turn our names into its own.</summary>
    private static readonly Dictionary<string, (string Architecture, (string Pattern, string Replacement)[] Rules)> Libraries = new()
    {
        ["kuangliu, ResNet-18"] = ("cifar-resnet18", [("downsample", "shortcut"), ("^fc", "linear")]),
        ["kuangliu, ResNet-50"] = ("cifar-resnet50", [("downsample", "shortcut"), ("^fc", "linear")]),
        ["akamaster, option B"] = ("resnet20-b", [("downsample", "shortcut"), ("^fc", "linear")]),
        ["chenyaofo, ResNet-20"] = ("resnet20-b", []),
        ["bearpaw, ResNet-110"] = ("resnet164-b", []),
        ["ResNet-20 whose head is fc"] = ("resnet20", [("^linear", "fc")]),
        ["ResNet-18 with a dropout before the head"] = ("resnet18", [("^fc", "fc.1")]),
        ["weiaicunzai, ResNet-18"] = ("cifar-resnet18", [.. Weiaicunzai]),
        ["weiaicunzai, ResNet-50"] = ("cifar-resnet50", [.. Weiaicunzai]),
        ["Hugging Face, ResNet-18"] = ("resnet18", [.. HuggingFaceResNet]),
        ["Hugging Face, ResNet-50"] = ("resnet50", [.. HuggingFaceResNet]),
        ["mmpretrain, ResNet-50"] = ("resnet50", [("^", "backbone."), (@"^backbone\.fc", "head.fc")]),
        ["mmpretrain, ResNet-D"] = (
            "resnet50d",
            [
                (@"^conv1\.0", "stem.0.conv"),
                (@"^conv1\.1", "stem.0.bn"),
                (@"^conv1\.3", "stem.1.conv"),
                (@"^conv1\.4", "stem.1.bn"),
                (@"^conv1\.6", "stem.2.conv"),
                ("^bn1", "stem.2.bn"),
                (@"^layer1\.0\.downsample\.1", "layer1.0.downsample.0"),
                (@"^layer1\.0\.downsample\.2", "layer1.0.downsample.1"),
                ("^", "backbone."),
                (@"^backbone\.fc", "head.fc"),
            ]
        ),
        ["TRADES, WRN-34-10"] = ("wrn-34-10", []),
        ["torchvision's files, DenseNet-121"] = ("densenet121", [(@"(denselayer[0-9]+\.)(norm|conv)([12])", "$1$2.$3")]),
        ["chengyangfu, VGG-16"] = ("cifar-vgg16_bn", [(@"^classifier\.3", "classifier.4"), (@"^classifier\.0", "classifier.1")]),
        ["kuangliu, VGG-16"] = ("cifar-vgg16_bn-linear", []),
        ["weiaicunzai, VGG-16"] = ("cifar-vgg16_bn-4096", []),
        ["timm, VGG-11"] = (
            "vgg11_bn",
            [(@"^classifier\.0", "pre_logits.fc1"), (@"^classifier\.3", "pre_logits.fc2"), (@"^classifier\.6", "head.fc")]
        ),
        ["torchvision before 0.13, ViT"] = ("vit_ti_16", [(@"mlp\.0", "mlp.linear_1"), (@"mlp\.3", "mlp.linear_2")]),
        ["timm, ViT"] = (
            "vit_ti_16",
            [
                (@"^encoder\.layers\.encoder_layer_", "blocks."),
                (@"\.ln_([12])", ".norm$1"),
                (@"\.self_attention\.in_proj_", ".attn.qkv."),
                (@"\.self_attention\.out_proj", ".attn.proj"),
                (@"\.mlp\.0", ".mlp.fc1"),
                (@"\.mlp\.3", ".mlp.fc2"),
                (@"^encoder\.ln", "norm"),
                ("^class_token", "cls_token"),
                (@"^encoder\.pos_embedding", "pos_embed"),
                ("^conv_proj", "patch_embed.proj"),
                (@"^heads\.head", "head"),
            ]
        ),
        ["Hugging Face, ViT"] = (
            "vit_ti_16",
            [
                (@"^encoder\.layers\.encoder_layer_", "vit.encoder.layer."),
                (@"\.ln_1", ".layernorm_before"),
                (@"\.ln_2", ".layernorm_after"),
                (
                    @"\.self_attention\.in_proj_(weight|bias)",
                    ".attention.attention.query.$1+.attention.attention.key.$1+.attention.attention.value.$1"
                ),
                (@"\.self_attention\.out_proj", ".attention.output.dense"),
                (@"\.mlp\.0", ".intermediate.dense"),
                (@"\.mlp\.3", ".output.dense"),
                (@"^encoder\.ln", "vit.layernorm"),
                ("^class_token", "vit.embeddings.cls_token"),
                (@"^encoder\.pos_embedding", "vit.embeddings.position_embeddings"),
                ("^conv_proj", "vit.embeddings.patch_embeddings.projection"),
                (@"^heads\.head", "classifier"),
            ]
        ),
        ["facebookresearch, ConvNeXt"] = (
            "convnext_tiny",
            [
                (@"^features\.([0246])\.([01])\.", "downsample_layers.$1/2.$2."),
                (@"^features\.([1357])\.([0-9]+)\.", "stages.$1/2.$2."),
                (@"block\.0", "dwconv"),
                (@"block\.2", "norm"),
                (@"block\.3", "pwconv1"),
                (@"block\.5", "pwconv2"),
                ("layer_scale", "gamma"),
                (@"^classifier\.0", "norm"),
                (@"^classifier\.2", "head"),
            ]
        ),
        ["Hugging Face, ConvNeXt"] = (
            "convnext_tiny",
            [
                (@"^features\.0\.0", "convnext.embeddings.patch_embeddings"),
                (@"^features\.0\.1", "convnext.embeddings.layernorm"),
                (@"^features\.([246])\.([01])\.", "convnext.encoder.stages.$1/2.downsampling_layer.$2."),
                (@"^features\.([1357])\.([0-9]+)\.", "convnext.encoder.stages.$1/2.layers.$2."),
                (@"block\.0", "dwconv"),
                (@"block\.2", "layernorm"),
                (@"block\.3", "pwconv1"),
                (@"block\.5", "pwconv2"),
                ("layer_scale", "layer_scale_parameter"),
                (@"^classifier\.0", "convnext.layernorm"),
                (@"^classifier\.2", "classifier"),
            ]
        ),
        ["Hugging Face, Swin"] = (
            "swin_t",
            [
                (@"^features\.0\.0", "swin.embeddings.patch_embeddings.projection"),
                (@"^features\.0\.2", "swin.embeddings.norm"),
                (@"^features\.([246])\.", "swin.encoder.layers.$1/2-1.downsample."),
                (@"^features\.([1357])\.([0-9]+)\.", "swin.encoder.layers.$1/2.blocks.$2."),
                (@"(blocks\.[0-9]+)\.norm1", "$1.layernorm_before"),
                (@"(blocks\.[0-9]+)\.norm2", "$1.layernorm_after"),
                (@"attn\.relative", "attention.self.relative"),
                (@"attn\.qkv\.(weight|bias)", "attention.self.query.$1+attention.self.key.$1+attention.self.value.$1"),
                (@"attn\.proj", "attention.output.dense"),
                (@"mlp\.0", "intermediate.dense"),
                (@"mlp\.3", "output.dense"),
                ("^norm", "swin.layernorm"),
                ("^head", "classifier"),
            ]
        ),
    };

    private static IEnumerable<(string, string)> Weiaicunzai =>
        [
            (@"^conv1\.", "conv1.0."),
            (@"^bn1\.", "conv1.1."),
            (@"(layer.*)\.conv1", "$1.residual_function.0"),
            (@"(layer.*)\.bn1", "$1.residual_function.1"),
            (@"(layer.*)\.conv2", "$1.residual_function.3"),
            (@"(layer.*)\.bn2", "$1.residual_function.4"),
            (@"(layer.*)\.conv3", "$1.residual_function.6"),
            (@"(layer.*)\.bn3", "$1.residual_function.7"),
            ("downsample", "shortcut"),
            .. Enumerable.Range(1, 4).Select(i => ($"^layer{i}", $"conv{i + 1}_x")),
        ];

    private static IEnumerable<(string, string)> HuggingFaceResNet =>
        [
            (@"^conv1\.", "resnet.embedder.embedder.convolution."),
            (@"^bn1\.", "resnet.embedder.embedder.normalization."),
            .. Enumerable.Range(1, 3).Select(i => ($@"(layer.*)\.conv{i}", $"$1.layer.{i - 1}.convolution")),
            .. Enumerable.Range(1, 3).Select(i => ($@"(layer.*)\.bn{i}", $"$1.layer.{i - 1}.normalization")),
            (@"downsample\.0", "shortcut.convolution"),
            (@"downsample\.1", "shortcut.normalization"),
            .. Enumerable.Range(1, 4).Select(i => ($@"^layer{i}\.", $"resnet.encoder.stages.{i - 1}.layers.")),
            ("^fc", "classifier.1"),
        ];

    public static TheoryData<string> Names => [.. Libraries.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Recognise_NamesOfAnotherLibrary_FindsTheArchitecture(string library)
    {
        var (architecture, rules) = Libraries[library];
        var shapes = new Dictionary<string, long[]>();
        foreach (var (name, shape) in Catalogue.Find(architecture).Shapes(7))
        {
            var theirs = Theirs(name, rules);
            foreach (var part in theirs)
                shapes.Add(part, theirs.Length == 1 ? TheirShape(part, shape) : [shape[0] / theirs.Length, .. shape[1..]]);
        }

        var fit = Catalogue.Recognise(shapes, "a.pth")[0];
        Assert.Equal((architecture, 7), (fit.Architecture.Name, fit.Classes));
        var placed = shapes.Keys.Select(name => fit.Naming.PlaceOf(name)?.Name).OfType<string>().Distinct();
        var needed = Catalogue.Find(architecture).Shapes(7).Keys.Where(name => !name.EndsWith("_index", StringComparison.Ordinal));
        Assert.Empty(needed.Except(placed));
    }

    /// <summary>One library for each way in which a tensor may lie in ours.</summary>
    [
        Theory,
        InlineData("Hugging Face, ResNet-18"),
        InlineData("Hugging Face, ViT"),
        InlineData("facebookresearch, ConvNeXt"),
        InlineData("Hugging Face, Swin")
    ]
    public void Load_NamesOfAnotherLibrary_GivesTheSameLogits(string library)
    {
        var (architecture, rules) = Libraries[library];
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Network.Create(architecture, 3);
        GoldenWeights.Fill(network.Module);
        network.Freeze();
        var parts =
            from tensor in network.Module.state_dict()
            let theirs = Theirs(tensor.Key, rules)
            let chunks = tensor.Value.dim() == 0 ? [tensor.Value] : tensor.Value.chunk(theirs.Length)
            from item in theirs.Zip(chunks)
            select KeyValuePair.Create(item.First, item.Second.reshape(TheirShape(item.First, item.Second.shape)));
        TorchFile.Save(folder.File("a.pth"), parts);
        using var loaded = Network.Load(
            folder.File("a.pth"),
            overrides: new InputOverride { Mean = network.Input.Mean, Std = network.Input.Std }
        );
        var views = GoldenWeights.Noise("views", 1, 3, 224, 224).Plus(1).Times(127.5);
        Assert.True(network.Logits(views).eq(loaded.Logits(views)).all().item<bool>());
    }

    [Fact]
    public void Recognise_ASpareBlock_IsLeftOut()
    {
        var shapes = new Dictionary<string, long[]>(Catalogue.Find("wrn-28-10").Shapes(10)) { ["sub_block1.layer.0.bn1.weight"] = [16] };
        Assert.Equal("wrn-28-10", Catalogue.Recognise(shapes, "a.pth")[0].Architecture.Name);
    }

    [Fact]
    public void Load_NamesOfHuggingFaceForViT_AssumesItsPreprocessing()
    {
        var (architecture, rules) = Libraries["Hugging Face, ViT"];
        var theirs = Catalogue
            .Find(architecture)
            .Shapes(2)
            .SelectMany(tensor => Theirs(tensor.Key, rules).Select(name => (name, tensor.Value)));
        var shapes = theirs.ToDictionary(
            item => item.name,
            item =>
                item.name.Contains(".attention.attention.", StringComparison.Ordinal) ? [item.Value[0] / 3, .. item.Value[1..]] : item.Value
        );
        var input = Catalogue.Recognise(shapes, "a.pth")[0].Input;
        Assert.Equal((1.0, 0.5, 0.5), (input.CentreRatio, input.Mean[0], input.Std[0]));
    }

    [Fact]
    public void Recognise_TwoTensorsThatWouldGetOneName_IsRefused()
    {
        var shapes = new Dictionary<string, long[]>(Catalogue.Find("densenet121").Shapes(2));
        shapes.Add("features.denseblock1.denselayer1.norm.1.bias", [64]);
        Assert.Throws<IsotopeException>(() => Catalogue.Recognise(shapes, "a.pth"));
    }

    [Fact]
    public void Recognise_AMatrixInThreePartsOfOtherShapes_IsRefused()
    {
        var (architecture, rules) = Libraries["Hugging Face, ViT"];
        var shapes = new Dictionary<string, long[]>();
        foreach (var (name, shape) in Catalogue.Find(architecture).Shapes(2))
        foreach (var part in Theirs(name, rules))
            shapes.Add(part, shape);
        Assert.Throws<IsotopeException>(() => Catalogue.Recognise(shapes, "a.pth"));
    }

    /// <summary>The library's names of a tensor, or of its parts in order.</summary>
    private static string[] Theirs(string name, (string Pattern, string Replacement)[] rules)
    {
        var renamed = rules.Aggregate(name, (text, rule) => Regex.Replace(text, rule.Pattern, rule.Replacement));
        renamed = Regex.Replace(renamed, "([0-9])/2(-1)?", half => $"{int.Parse(half.Groups[1].Value) / 2 - half.Groups[2].Length / 2}");
        var parts = renamed.Split('+');
        var prefix = parts[0][..(parts[0].IndexOf("attention", StringComparison.Ordinal) is var at and >= 0 ? at : 0)];
        return [parts[0], .. parts.Skip(1).Select(part => $"{prefix}{part.TrimStart('.')}")];
    }

    private static long[] TheirShape(string name, long[] shape) =>
        name.StartsWith("pre_logits", StringComparison.Ordinal) && shape.Length == 2 ? [shape[0], shape[1], 1, 1]
        : name.EndsWith("gamma", StringComparison.Ordinal) || name.EndsWith("layer_scale_parameter", StringComparison.Ordinal) ? [shape[0]]
        : shape;
}
