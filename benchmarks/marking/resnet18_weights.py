"""A trained ResNet-18 with torchvision's names, from the ONNX file of the NuGet package Microsoft.ML.DnnImageFeaturizer.ResNet18 (MIT).

    python3 resnet18_weights.py ResNet18.onnx resnet18.pth

It is trained on ImageNet. It has a ninth block, which is left out, and no classifier, so one with random weights is put in its place:
marking never asks it. The file takes blue, green, red in grey levels less the mean; the first convolution is rewritten for normalised
red, green, blue.
"""
import sys

import onnx
import torch
from onnx import numpy_helper

STD = torch.tensor([0.229, 0.224, 0.225])


def names():
    """Convolution and norm of each layer in the order of the file, which computes a block's projection first."""
    yield "conv1", "bn1"
    for stage in range(1, 5):
        for block in range(2):
            prefix = f"layer{stage}.{block}"
            if stage > 1 and block == 0:
                yield f"{prefix}.downsample.0", f"{prefix}.downsample.1"
            yield f"{prefix}.conv1", f"{prefix}.bn1"
            yield f"{prefix}.conv2", f"{prefix}.bn2"


def convert(graph):
    values = {tensor.name: torch.tensor(numpy_helper.to_array(tensor)) for tensor in graph.initializer}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    norms = [node for node in graph.node if node.op_type == "BatchNormalization"]
    state = {}
    for (convolution, norm), conv_node, norm_node in zip(names(), convolutions, norms):
        state[f"{convolution}.weight"] = values[conv_node.input[1]]
        for name, value in zip(("weight", "bias", "running_mean", "running_var"), norm_node.input[1:]):
            state[f"{norm}.{name}"] = values[value]
    state["conv1.weight"] = state["conv1.weight"].flip(1) * (255 * STD).view(1, 3, 1, 1)
    torch.manual_seed(0)
    state["fc.weight"], state["fc.bias"] = torch.randn(1000, 512) / 512**0.5, torch.zeros(1000)
    return state


if __name__ == "__main__":
    torch.save(convert(onnx.load(sys.argv[1]).graph), sys.argv[2])
