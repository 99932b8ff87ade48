"""Makes expected.json of this folder with PyTorch 1.13 and torchvision 0.14 (Debian's python3-torchvision):

    OMP_NUM_THREADS=1 /usr/bin/python3 make_golden.py

Every network gets weights by a formula of their names (`fill`), which GoldenWeights.cs repeats, and 10 classes.
expected.json: for each architecture the number of tensors in its state dict, a hash of their names and shapes, and for
two images of noise the logits and 32 values of the features, the input of the last linear layer; these only up to 30
million parameters and for some larger ones, since the rest is the same code with more blocks. The networks that
torchvision lacks are written out here from the papers, or are torchvision's with what differs replaced.
"""

import json
import os

import numpy
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

os.chdir(os.path.dirname(os.path.abspath(__file__)))
torch.set_grad_enabled(False)
for name in [name for name in dir(nn.init) if name.endswith("_") and not name.startswith("_")]:
    setattr(nn.init, name, lambda tensor, *args, **options: tensor)  # Every number is overwritten.

TORCHVISION = [
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
    "resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2",
    "vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn",
    "densenet121", "densenet161", "densenet169", "densenet201", "mobilenet_v2",
    "efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3", "efficientnet_b4",
    "convnext_tiny", "convnext_small", "convnext_base", "convnext_large",
    "swin_t", "swin_s", "swin_b",
]  # fmt: skip
RESNETS = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3]}
LARGE_BUT_RUN = ["resnet50-caffe", "vgg11", "vgg16", "vgg11_bn", "vgg16_bn", "vit_b_16", "wide_resnet50_2", "wrn-28-10"]
NARROW = [14, 20, 32, 44, 56, 110]
WIDE = [(16, 4), (16, 8), (28, 2), (28, 4), (28, 10), (34, 10), (40, 1), (40, 2), (40, 4)]
DENSENETS = {"cifar-densenet40": (6, 12), "cifar-densenet100": (16, 12), "cifar-densenet190": (31, 40)}
TRANSFORMERS = {
    "vit_ti_16": (16, 192, 12, 224), "vit_s_16": (16, 384, 12, 224), "vit_b_16": (16, 768, 12, 224),
    "vit_b_16-384": (16, 768, 12, 384), "vit_b_32": (32, 768, 12, 224), "vit_l_16": (16, 1024, 24, 224),
}  # fmt: skip


class OptionA(nn.Module):
    """He et al. 2016, section 4.2: the shortcut subsamples and fills new channels with zeros, on both sides."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.stride, self.extra = stride, (outputs - inputs) // 2

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.extra, self.extra)))


class CifarNet(nn.Module):
    """He et al. 2016, section 4.2, without projections."""

    def __init__(self, depth):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        inputs = 16
        for stage, width in enumerate([16, 32, 64], start=1):
            blocks = [OptionA(inputs if i == 0 else width, width, 2 if i == 0 and stage > 1 else 1) for i in range((depth - 2) // 6)]
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
            inputs = width
        self.linear = nn.Linear(inputs, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


def basic_or_bottleneck(depth):
    return torchvision.models.resnet.Bottleneck if depth in (26, 50, 101, 152) else torchvision.models.resnet.BasicBlock


def small_stem(depth, pooled):
    network = torchvision.models.ResNet(basic_or_bottleneck(depth), RESNETS[depth], num_classes=10)
    network.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    if not pooled:
        network.maxpool = nn.Identity()
    return network


def narrow(blocks, bottleneck):
    """Three stages of 16, 32, 64 channels with projections: torchvision's network with its layers replaced."""
    block = torchvision.models.resnet.Bottleneck if bottleneck else torchvision.models.resnet.BasicBlock
    network = torchvision.models.ResNet(block, [1, 1, 1, 1], num_classes=10)
    network.conv1, network.bn1 = nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
    network.maxpool = network.layer4 = nn.Identity()
    network.inplanes = 16
    for stage, width in enumerate([16, 32, 64], start=1):
        setattr(network, f"layer{stage}", network._make_layer(block, width, blocks, stride=1 if stage == 1 else 2))
    network.fc = nn.Linear(64 * block.expansion, 10)
    return network


def caffe(depth):
    """The stride in the first convolution of a bottleneck, not in the second."""
    network = getattr(torchvision.models, f"resnet{depth}")(num_classes=10)
    for layer in (network.layer2, network.layer3, network.layer4):
        layer[0].conv1.stride, layer[0].conv2.stride = (2, 2), (1, 1)
    return network


def resnet_d(depth):
    """He et al. 2019, "Bag of tricks": three small convolutions first, shortcuts that average before they project."""
    network = torchvision.models.ResNet(basic_or_bottleneck(depth), ({26: [2, 2, 2, 2]} | RESNETS)[depth], num_classes=10)
    network.conv1 = nn.Sequential(
        nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Conv2d(32, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Conv2d(32, 64, 3, 1, 1, bias=False),
    )  # fmt: skip
    for layer in (network.layer1, network.layer2, network.layer3, network.layer4):
        if layer[0].downsample is not None:
            convolution, norm = layer[0].downsample
            halves = convolution.stride == (2, 2)
            convolution.stride = (1, 1)
            pool = nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False) if halves else nn.Identity()
            layer[0].downsample = nn.Sequential(pool, convolution, norm)
    return network


class PreActivation(nn.Module):
    """A block of He et al. 2016, "Identity mappings": (kernel, outputs, stride) of each convolution."""

    def __init__(self, inputs, layers, shortcut, biased=False):
        super().__init__()
        self.biased, self.name, self.layers = biased, shortcut, len(layers)
        first, stride = inputs, 1
        for i, (kernel, outputs, step) in enumerate(layers, start=1):
            setattr(self, f"bn{i}", nn.BatchNorm2d(inputs))
            setattr(self, f"conv{i}", nn.Conv2d(inputs, outputs, kernel, step, kernel // 2, bias=biased))
            inputs, stride = outputs, stride * step
        if stride > 1 or first != inputs:
            projection = nn.Conv2d(first, inputs, 1, stride, bias=biased)
            setattr(self, shortcut, projection if shortcut == "convShortcut" else nn.Sequential(projection))

    def forward(self, x):
        activated = y = F.relu(self.bn1(x))
        y = self.conv1(y)
        for i in range(2, self.layers + 1):
            y = getattr(self, f"conv{i}")(F.relu(getattr(self, f"bn{i}")(y)))
        if hasattr(self, self.name):
            x = getattr(self, self.name)(x if self.biased else activated)
        return y + x


class PreActResNet(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        inputs, expansion = 64, 4 if depth >= 50 else 1
        for stage, count in enumerate(RESNETS[depth]):
            width, blocks = 64 << stage, []
            for i in range(count):
                stride = 2 if stage > 0 and i == 0 else 1
                plain = [(3, width, stride), (3, width, 1)]
                layers = plain if expansion == 1 else [(1, width, 1), (3, width, stride), (1, 4 * width, 1)]
                blocks.append(PreActivation(inputs, layers, "shortcut"))
                inputs = width * expansion
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.linear = nn.Linear(inputs, 10)

    def forward(self, x):
        x = self.layer4(self.layer3(self.layer2(self.layer1(self.conv1(x)))))
        return self.linear(x.mean((2, 3)))


class WideResNet(nn.Module):
    """Zagoruyko and Komodakis 2016 for CIFAR, with the names of two widespread repositories."""

    def __init__(self, depth, widening, biased):
        super().__init__()
        self.biased = biased
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=biased)
        inputs = 16
        for stage in range(3):
            width, blocks = (16 << stage) * widening, []
            for i in range((depth - 4) // 6):
                stride = 2 if stage > 0 and i == 0 else 1
                layers = [(3, width, 1), (3, width, stride)] if biased else [(3, width, stride), (3, width, 1)]
                blocks.append(PreActivation(inputs, layers, "shortcut" if biased else "convShortcut", biased))
                inputs = width
            layer = nn.Sequential(*blocks)
            setattr(self, f"layer{stage + 1}" if biased else f"block{stage + 1}", layer if biased else Wrapped(layer))
        self.bn1 = nn.BatchNorm2d(inputs)
        setattr(self, "linear" if biased else "fc", nn.Linear(inputs, 10))

    def forward(self, x):
        x = self.conv1(x)
        for stage in (1, 2, 3):
            x = getattr(self, f"layer{stage}" if self.biased else f"block{stage}")(x)
        x = F.relu(self.bn1(x)).mean((2, 3))
        return self.linear(x) if self.biased else self.fc(x)


class Wrapped(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)


def cifar_vgg(name, units):
    """As in the widespread CIFAR checkpoints: the classifier sees one cell, through hidden layers or none."""
    network = getattr(torchvision.models, name)()
    network.avgpool = nn.Identity()
    wide = [layer for size in (512, units) for layer in (nn.Linear(size, units), nn.ReLU(), nn.Dropout())]
    network.classifier = nn.Sequential(*wide, nn.Linear(units, 10)) if units else nn.Linear(512, 10)
    return network


def cifar_densenet(layers, growth):
    """Huang et al. 2017, section 3: DenseNet-BC with three blocks."""
    network = torchvision.models.DenseNet(growth, [layers] * 3, num_init_features=2 * growth, num_classes=10)
    network.features.conv0 = nn.Conv2d(3, 2 * growth, 3, padding=1, bias=False)
    network.classifier = nn.Linear(network.classifier.in_features, 10)
    for name in ("norm0", "relu0", "pool0"):
        delattr(network.features, name)
    return network


def transformer(patch, width, depth, size):
    return torchvision.models.VisionTransformer(size, patch, depth, width // 64, width, 4 * width, num_classes=10)


def noise(name, count):
    """Values in [-1, 1): the name's FNV-1a hash and the index, mixed by murmur3's finaliser."""
    h = (fnv(name) + numpy.arange(count, dtype=numpy.uint32) * numpy.uint32(0x9E3779B9)).astype(numpy.uint32)
    h = (h ^ (h >> numpy.uint32(16))) * numpy.uint32(0x85EBCA6B)
    h = (h ^ (h >> numpy.uint32(13))) * numpy.uint32(0xC2B2AE35)
    h ^= h >> numpy.uint32(16)
    return (h >> numpy.uint32(8)).astype(numpy.float32) / numpy.float32(1 << 23) - numpy.float32(1)


def fnv(text):
    h = 2166136261
    for byte in text.encode():
        h = (h ^ byte) * 16777619 % 2**32
    return numpy.uint32(h)


def fill(name, tensor):
    """He's scale for matrices and kernels; norms near the identity, halved where they end a residual branch."""
    if not tensor.is_floating_point() or tensor.dim() == 0:
        return
    values = torch.from_numpy(noise(name, tensor.numel())).view(tensor.shape)
    if name.endswith("layer_scale"):
        tensor.copy_(values * 0.5)
    elif tensor.dim() > 1:
        tensor.copy_(values * float(numpy.float32((6 / tensor[0].numel()) ** 0.5)))
    elif name.endswith("running_var"):
        tensor.copy_(values * 0.5 + 1.25)
    elif name.endswith("weight"):
        tensor.copy_((values * 0.25 + 1) * (0.5 if name.endswith(("bn2.weight", "bn3.weight")) else 1))
    else:
        tensor.copy_(values * 0.125)


def describe(name, network, input_shape):
    network.eval()
    state = network.state_dict()
    shapes = "".join(f"{key}{list(tensor.shape)};" for key, tensor in sorted(state.items())).replace(" ", "")
    described = {"tensors": len(state), "shapes": int(fnv(shapes))}
    if sum(parameter.numel() for parameter in network.parameters()) > 30e6 and name not in LARGE_BUT_RUN:
        return described
    for key, tensor in state.items():
        fill(key, tensor)
    last = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
    seen = []
    last.register_forward_hook(lambda module, args, output: seen.append(args[0]))
    images = torch.from_numpy(noise("images", int(numpy.prod(input_shape)))).view(input_shape)
    logits, features = network(images).flatten(), seen[0].flatten()
    sample = features[[i * len(features) // 32 for i in range(32)]]
    rounded = {"logits": logits, "features": sample}
    return described | {key: [float(f"{value:.6g}") for value in values.tolist()] for key, values in rounded.items()}


SMALL, LARGE = (2, 3, 32, 32), (2, 3, 70, 64)
made = {f"resnet{depth}": (lambda depth=depth: CifarNet(depth), SMALL) for depth in NARROW}
made |= {f"resnet{depth}-b": (lambda n=(depth - 2) // 6: narrow(n, False), SMALL) for depth in NARROW}
made |= {f"resnet{depth}-b": (lambda n=(depth - 2) // 9: narrow(n, True), SMALL) for depth in (65, 83, 164)}
for depth in RESNETS:
    made[f"cifar-resnet{depth}"] = (lambda depth=depth: small_stem(depth, False), SMALL)
    made[f"cifar-resnet{depth}-pooled"] = (lambda depth=depth: small_stem(depth, True), SMALL)
made |= {f"cifar-preact-resnet{depth}": (lambda depth=depth: PreActResNet(depth), SMALL) for depth in RESNETS}
for depth, widening in WIDE:
    made[f"wrn-{depth}-{widening}"] = (lambda form=(depth, widening): WideResNet(*form, False), SMALL)
    made[f"wrn-{depth}-{widening}-biased"] = (lambda form=(depth, widening): WideResNet(*form, True), SMALL)
made |= {f"resnet{depth}-caffe": (lambda depth=depth: caffe(depth), LARGE) for depth in (50, 101, 152)}
made |= {f"resnet{depth}d": (lambda depth=depth: resnet_d(depth), LARGE) for depth in [*RESNETS, 26]}
for name in (name for name in TORCHVISION if name.startswith("vgg")):
    for suffix, units in (("", 512), ("-4096", 4096), ("-linear", 0)):
        made[f"cifar-{name}{suffix}"] = (lambda form=(name, units): cifar_vgg(*form), SMALL)
made |= {name: (lambda form=form: cifar_densenet(*form), SMALL) for name, form in DENSENETS.items()}
made |= {name: (lambda form=form: transformer(*form), (2, 3, form[-1], form[-1])) for name, form in TRANSFORMERS.items()}
made |= {name: (lambda name=name: getattr(torchvision.models, name)(num_classes=10), LARGE) for name in TORCHVISION}
entries = [f"{json.dumps(name)}: {json.dumps(describe(name, make(), shape))}" for name, (make, shape) in sorted(made.items())]
with open("expected.json", "w") as file:
    file.write("{\n" + ",\n".join(entries) + "\n}\n")
