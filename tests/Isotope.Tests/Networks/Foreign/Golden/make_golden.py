"""Makes the ONNX and TorchScript files of this folder and expected.json, with PyTorch 1.13 (Debian's python3-torch):

    OMP_NUM_THREADS=1 python3 make_golden.py

expected.json: for each file the features and logits that PyTorch computes for two views, whose pixel k (of 2 x 3 x 16 x 16,
in order) is (k * k + 37 * k) % 256, normalised as ImageNet's. Files without an entry are refused.
"""

import io
import json
import os
import warnings
import zipfile

import torch
from torch import nn

warnings.filterwarnings("ignore")
os.chdir(os.path.dirname(os.path.abspath(__file__)))
torch.manual_seed(11)
expected = {}

index = torch.arange(2 * 3 * 16 * 16)
views = ((index * index + 37 * index) % 256).view(2, 3, 16, 16).float() / 255
views = (views - torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)) / torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x):
        out = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(out + self.shortcut(x))


class SmallResNet(nn.Module):
    def __init__(self, head):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.layer1 = Block(4, 6, 2)
        self.head = head

    def forward(self, x):
        return self.head(self.features(x))

    def features(self, x):
        return self.layer1(torch.relu(self.bn1(self.conv1(x)))).mean([2, 3])


class MatMulHead(nn.Module):
    """W stored transposed, multiplied and added: no Gemm."""

    def __init__(self):
        super().__init__()
        self.matrix = nn.Parameter(torch.randn(6, 10))
        self.offset = nn.Parameter(torch.randn(10))

    def forward(self, x):
        return self.offset + torch.matmul(x, self.matrix)


def network(head):
    net = SmallResNet(head)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_()
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2)
    return net.eval()


def rounded(tensor):
    return [round(value, 6) for value in tensor.flatten().tolist()]


def record(name, net, logits=None):
    with torch.no_grad():
        features = net.features(views)
        expected[name] = {"features": rounded(features), "logits": rounded((logits or net.head)(features))}


def script(name, module):
    """Saves a module, and the archive compressed and without the source positions, to keep this folder small."""
    whole = io.BytesIO()
    torch.jit.save(module, whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as target:
        for record in source.namelist():
            if not record.endswith(".debug_pkl"):
                target.writestr(zipfile.ZipInfo(record), source.read(record), zipfile.ZIP_DEFLATED)


def onnx(name, net, batch=2, dynamic=True, **options):
    axes = {"views": {0: "n"}, "out": {0: "n"}} if dynamic else None
    torch.onnx.export(net, torch.zeros(batch, 3, 16, 16), name, opset_version=13, input_names=["views"], output_names=["out"],
                      dynamic_axes=axes, **options)


plain = network(nn.Linear(6, 10))
onnx("gemm.onnx", plain)
record("gemm.onnx", plain)
onnx("fixed.onnx", plain, batch=3, dynamic=False)
record("fixed.onnx", plain)
script("traced.pt", torch.jit.trace(plain, views))
record("traced.pt", plain)

softmax = network(nn.Sequential(nn.Linear(6, 10), nn.LogSoftmax(1)))
onnx("softmax.onnx", softmax)
record("softmax.onnx", softmax, softmax.head[0])

matmul = network(MatMulHead())
onnx("matmul.onnx", matmul)
record("matmul.onnx", matmul)

# Several linear layers, the classifier not registered last.
several = network(nn.Linear(6, 10))
several.unused = nn.Linear(6, 10)
script("scripted.pt", torch.jit.script(several))
record("scripted.pt", several)

# Refused: no final linear layer; a softmax behind it, which TorchScript does not show; operators that write and read files.
pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(3, 10, 1), nn.Flatten()).eval()
onnx("conv.onnx", pooled)
softmax = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 10), nn.Softmax(1)).eval()
script("softmax.pt", torch.jit.trace(softmax, views))
script("pooled.pt", torch.jit.trace(pooled, views))


class Writes(nn.Module):
    def forward(self, x):
        torch.save(x, "written-by-torchscript")
        return x


class Reads(nn.Module):
    def forward(self, x):
        return x + torch.from_file("/etc/passwd", False, 4, dtype=torch.uint8).sum()


script("writes.pt", torch.jit.script(Writes()))
script("reads.pt", torch.jit.script(Reads()))

with open("expected.json", "w") as f:
    json.dump(expected, f, indent=None, separators=(",", ":"))
    f.write("\n")
