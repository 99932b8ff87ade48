"""What measures bring in PyTorch: ResNet-18, 16 views of 224, forward and gradient in the pixels, processor time an image, one thread.

    python3 shares.py resnet18.pth
"""
import statistics
import sys
import time

import torch
from torch.nn.utils.fusion import fuse_conv_bn_eval

import published_loop

REPEAT = 7


def fold(network):
    """Batch norms into the convolutions before them."""
    for module in list(network.modules()):
        children, before = dict(module.named_children()), None
        for name, child in children.items():
            if isinstance(child, torch.nn.BatchNorm2d) and isinstance(children[before], torch.nn.Conv2d):
                setattr(module, before, fuse_conv_bn_eval(children[before], child))
                setattr(module, name, torch.nn.Identity())
            before = name


def step(network, views):
    leaf = views.detach().requires_grad_()
    network(leaf).sum().backward()


def timed(action):
    start = time.process_time()
    action()
    return time.process_time() - start


def main():
    torch.set_num_threads(1)
    views = torch.randn(16, 3, 224, 224)
    networks = {name: published_loop.load_network("resnet18", sys.argv[1]) for name in ("plain", "frozen", "folded", "channels-last")}
    for name in ("frozen", "folded", "channels-last"):
        networks[name].requires_grad_(False)
    for name in ("folded", "channels-last"):
        fold(networks[name])
    networks["channels-last"].to(memory_format=torch.channels_last)
    times = {name: [] for name in networks}
    for _ in range(REPEAT + 1):
        for name, network in networks.items():
            batch = views.contiguous(memory_format=torch.channels_last) if name == "channels-last" else views
            times[name].append(timed(lambda: step(network, batch)) / len(views))
    for name, values in times.items():
        print(f"{name:14} {1000 * statistics.median(values[1:]):5.1f} ms")


if __name__ == "__main__":
    main()
