"""Makes expected.json of this folder with PyTorch 1.13 and torchvision 0.14 (Debian's python3-torchvision):

    OMP_NUM_THREADS=1 /usr/bin/python3 make_golden.py

Every network gets weights by a formula of their names (`fill`), which GoldenWeights.cs repeats, and 10 classes.
expected.json: for each architecture the number of tensors in its state dict, a hash of their names and shapes, and for
two images of noise the logits and 32 values of the features, the input of the last linear layer. The CIFAR networks,
which torchvision lacks, are written out here from the papers, or are torchvision's with what differs replaced.
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

IMAGENET = [
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
    "vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn",
    "densenet121", "densenet161", "densenet169", "densenet201", "mobilenet_v2",
]  # fmt: skip
CIFAR = [14, 20, 32, 44, 56, 110]
CIFAR_VGG = ["vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn"]
CIFAR_DENSENET = [40, 100]


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


class Projected(OptionA):
    """The block with a 1 x 1 convolution where the shape changes (option B)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__(inputs, outputs, stride)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + self.shortcut(x))


class CifarNet(nn.Module):
    def __init__(self, block, widths, blocks):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.stages = len(widths)
        inputs = widths[0]
        for stage, outputs in enumerate(widths, start=1):
            first = block(inputs, outputs, 1 if stage == 1 else 2)
            rest = [block(outputs, outputs, 1) for _ in range(blocks - 1)]
            setattr(self, f"layer{stage}", nn.Sequential(first, *rest))
            inputs = outputs
        self.linear = nn.Linear(inputs, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        return self.linear(x.mean((2, 3)))


def cifar_vgg(name):
    """As in the widespread CIFAR checkpoints: the classifier sees one cell and is 512 wide."""
    network = getattr(torchvision.models, name)()
    network.avgpool = nn.Identity()
    wide = [layer for _ in range(2) for layer in (nn.Linear(512, 512), nn.ReLU(), nn.Dropout())]
    network.classifier = nn.Sequential(*wide, nn.Linear(512, 10))
    return network


def cifar_densenet(depth):
    """Huang et al. 2017, section 3: DenseNet-BC with k = 12 and three blocks; depth - 4 layers, two by two."""
    blocks = [(depth - 4) // 6] * 3
    network = torchvision.models.DenseNet(growth_rate=12, block_config=blocks, num_init_features=24, num_classes=10)
    network.features.conv0 = nn.Conv2d(3, 24, 3, padding=1, bias=False)
    for name in ("norm0", "relu0", "pool0"):
        delattr(network.features, name)
    return network


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
    values = torch.from_numpy(noise(name, tensor.numel())).view(tensor.shape)
    if tensor.dim() > 1:
        tensor.copy_(values * float(numpy.float32((6 / tensor[0].numel()) ** 0.5)))
    elif name.endswith("running_var"):
        tensor.copy_(values * 0.5 + 1.25)
    elif name.endswith("weight"):
        tensor.copy_((values * 0.25 + 1) * (0.5 if name.endswith(("bn2.weight", "bn3.weight")) else 1))
    elif tensor.dim() == 1:
        tensor.copy_(values * 0.125)


def describe(network, input_shape):
    network.eval()
    state = network.state_dict()
    for name, tensor in state.items():
        fill(name, tensor)
    shapes = "".join(f"{name}{list(tensor.shape)};" for name, tensor in sorted(state.items())).replace(" ", "")
    last = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
    seen = []
    last.register_forward_hook(lambda module, args, output: seen.append(args[0]))
    images = torch.from_numpy(noise("images", int(numpy.prod(input_shape)))).view(input_shape)
    logits, features = network(images).flatten(), seen[0].flatten()
    sample = features[[i * len(features) // 32 for i in range(32)]]
    rounded = {"logits": logits, "features": sample}
    return {"tensors": len(state), "shapes": int(fnv(shapes))} | {
        key: [float(f"{value:.6g}") for value in values.tolist()] for key, values in rounded.items()
    }


expected = {f"resnet{depth}": describe(CifarNet(OptionA, [16, 32, 64], (depth - 2) // 6), (2, 3, 32, 32)) for depth in CIFAR}
expected["cifar-resnet18"] = describe(CifarNet(Projected, [64, 128, 256, 512], 2), (2, 3, 32, 32))
expected |= {f"cifar-{name}": describe(cifar_vgg(name), (2, 3, 32, 32)) for name in CIFAR_VGG}
expected |= {f"cifar-densenet{depth}": describe(cifar_densenet(depth), (2, 3, 32, 32)) for depth in CIFAR_DENSENET}
for architecture in IMAGENET:
    expected[architecture] = describe(getattr(torchvision.models, architecture)(num_classes=10), (2, 3, 70, 64))
with open("expected.json", "w") as file:
    entries = [f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in expected.items()]
    file.write("{\n" + ",\n".join(entries) + "\n}\n")
