"""Makes the golden checkpoints of this folder and expected.json, with PyTorch 1.13 (Debian's python3-torch):

    OMP_NUM_THREADS=1 python3 make_golden.py

expected.json: for each file, tensors in order: name -> [dtype, shape, values]. Values are exact: floats as the
shortest decimal of their double, so that both sides compare equal or not at all.
"""

import collections
import json
import os

import torch

os.chdir(os.path.dirname(os.path.abspath(__file__)))
torch.manual_seed(7)
expected = {}

DTYPES = ["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]


def save(name, obj, tensors, **options):
    torch.save(obj, name, **options)
    expected[name] = {
        key: [str(t.dtype).removeprefix("torch."), list(t.shape), t.detach().to(torch.float64).reshape(-1).tolist()]
        for key, t in tensors.items()
    }


def both(name, obj, tensors):
    save(f"{name}.pth", obj, tensors)
    save(f"{name}.legacy.pth", obj, tensors, _use_new_zipfile_serialization=False)


def every_dtype():
    tensors = collections.OrderedDict()
    for dtype in DTYPES:
        tensors[dtype] = (torch.randn(2, 3) * 3).to(getattr(torch, dtype))
    return tensors


def views():
    base = torch.arange(24, dtype=torch.float32)
    grid = base.view(4, 6)
    return collections.OrderedDict(
        base=base,
        tail=base[17:],
        transposed=grid.t(),
        block=grid[1:3, 2:5],
        every_other=base[1::2],
        expanded=torch.tensor([5.0, 6.0]).expand(3, 2),
        scalar=torch.tensor(2.5),
        empty=torch.empty(0, 3),
    )


def network():
    torch.manual_seed(7)
    return torch.nn.Sequential(torch.nn.Conv2d(3, 2, 2), torch.nn.BatchNorm2d(2), torch.nn.Flatten(), torch.nn.Linear(2, 3))


def trained():
    """A network and its optimizer after a step: momentum buffers stand beside the weights."""
    net = network()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    net(torch.randn(4, 3, 2, 2)).sum().backward()
    optimizer.step()
    return net, optimizer


def prefixed(tensors, prefix):
    return collections.OrderedDict((prefix + key, t) for key, t in tensors.items())


dtypes = every_dtype()
both("dtypes", dtypes, dtypes)
save("protocol4.pth", dtypes, dtypes, pickle_protocol=4)
save("protocol4.legacy.pth", dtypes, dtypes, pickle_protocol=4, _use_new_zipfile_serialization=False)

extremes = {"x": torch.tensor([0.0, -0.0, 1e-45, -3.4028234663852886e38, float("inf"), 1 / 3])}
both("extremes", extremes, extremes)

some_views = views()
both("views", some_views, some_views)

net, optimizer = trained()
weights = net.state_dict()
both("wrapped", prefixed(weights, "_orig_mod.module."), weights)
both("parameters", dict(net.named_parameters()), dict(net.named_parameters()))
nested = {"epoch": 3, "best_prec1": torch.tensor(81.5), "arch": "small", "state_dict": prefixed(weights, "module."),
          "optimizer": optimizer.state_dict(), "history": [(1, 0.5), (2, None)], "big": 2 ** 70, "done": True}
both("nested", nested, weights)
both("deeper", {"model": {"state_dict": weights, "step": -70000}}, weights)

tensor = torch.arange(6, dtype=torch.float32).view(2, 3).t()
both("tensor", tensor, {"": tensor})

# Refused.
torch.save(network(), "whole.pth")
torch.jit.script(network()[3]).save("script.pt")

with open("expected.json", "w") as f:
    json.dump(expected, f, indent=None, separators=(",", ":"))
    f.write("\n")
