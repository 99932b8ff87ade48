"""Marking as its users have it now: the loop of "Radioactive data" (ICML 2020, section 3.3) in PyTorch, written from the paper.

Full precision, N x C x H x W in memory, batch norm as layers, weights with gradients that nobody uses, one image's crop at a time,
a fixed rate, rounding every 10 iterations. `mark` writes PNG files; `score` compares any marked folder with its originals.
"""
import argparse
import json
import math
import pathlib
import time

import numpy
import torch
import torch.nn.functional as F
import torchvision
from PIL import Image

from networks import resnet20

MEAN, STD = (torch.tensor(v).view(3, 1, 1) for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
PIXELS, FEATURES, RADIUS = 0.0005, 0.01, 10  # lambda 1 and 2, R


def load_network(name, path):
    state = torch.load(path, map_location="cpu")
    if name == "resnet20":
        network, head = resnet20(), "linear"
        state = {key.removeprefix("module."): value for key, value in state["state_dict"].items()}
    else:
        network, head = torchvision.models.resnet18(num_classes=len(state["fc.bias"])), "fc"
    network.load_state_dict(state, strict=False)
    setattr(network, head, torch.nn.Identity())
    return network.eval()


def load_image(path):
    return torch.tensor(numpy.array(Image.open(path).convert("RGB"))).permute(2, 0, 1) / 255


def crop(image, left, top, width, height, flip, size):
    view = image[:, top:top + height, left:left + width]
    if (width, height) != (size, size):
        view = F.interpolate(view[None], (size, size), mode="bilinear", align_corners=False, antialias=True)[0]
    return view.flip(2) if flip else view


def centre(image, size):
    """The evaluation view: 224 of 256 for photos, the image itself for small ones."""
    height, width = image.shape[1:]
    side = min(height, width) if size == 32 else round(min(height, width) * 224 / 256)
    return crop(image, (width - side) // 2, (height - side) // 2, side, side, False, size)


def random_view(image, size, random):
    """A random resized crop and flip; for small images a shift by up to an eighth over a black border, and a flip."""
    height, width = image.shape[1:]
    if size == 32:
        left, top = random.integers(0, 9, 2)
        border = (-MEAN / STD).expand(3, height + 8, width + 8).clone()
        border[:, 4:-4, 4:-4] = image
        return crop(border, left, top, width, height, random.random() < 0.5, size)
    for _ in range(10):
        area, ratio = random.uniform(0.08, 1) * width * height, math.exp(random.uniform(-math.log(4 / 3), math.log(4 / 3)))
        w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if w <= width and h <= height:
            return crop(image, random.integers(0, width - w + 1), random.integers(0, height - h + 1), w, h, random.random() < 0.5, size)
    return centre(image, size)


def mark(network, originals, carriers, size, iterations, rate, radius, random):
    vanilla = [(original - MEAN) / STD for original in originals]
    images = [image.clone().requires_grad_() for image in vanilla]
    optimizer = torch.optim.SGD(images, lr=rate)
    features = network(torch.stack([centre(image, size) for image in vanilla])).detach()
    for t in range(1, iterations + 1):
        optimizer.zero_grad()
        shift = network(torch.stack([random_view(image, size, random) for image in images])) - features
        loss = FEATURES * shift.norm(dim=1).sum() - (shift * carriers).sum()
        loss = loss + PIXELS * sum(((image - original) ** 2).sum() for image, original in zip(images, vanilla))
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for image, original in zip(images, originals):
                grey = torch.min(torch.max(image * STD + MEAN, original - radius / 255), original + radius / 255).clamp(0, 1)
                if t % 10 == 0 or t == iterations:
                    grey = (grey * 255).round() / 255
                image.copy_((grey - MEAN) / STD)
    return [((image.detach() * STD + MEAN) * 255).round().to(torch.uint8) for image in images]


@torch.no_grad()
def displacements(network, original, marked, carrier, size):
    """Along the carrier, of the centre crop and in the mean of 16 random views, the same of both images."""
    seen, views = [], []
    for image in (original, marked):
        random = numpy.random.default_rng(12345)
        normalised = (image - MEAN) / STD
        seen.append(network(torch.stack([centre(normalised, size)] + [random_view(normalised, size, random) for _ in range(16)])))
    along = (seen[1] - seen[0]) @ carrier
    return along[0].item(), along[1:].mean().item()


def add_options(parser):
    parser.add_argument("--data", type=pathlib.Path, required=True, help="one folder a class")
    parser.add_argument("--network", choices=["resnet18", "resnet20"], default="resnet18")
    parser.add_argument("--weights", required=True)
    parser.add_argument("--carriers", required=True, help="C x d, as isotope key export writes them")
    parser.add_argument("--rate", type=float, default=1.0)
    parser.add_argument("--batch", type=int, default=16)


class Dataset:
    """Images of one folder a class, with network and carriers."""

    def __init__(self, options):
        self.network, self.carriers = load_network(options.network, options.weights), torch.load(options.carriers)
        self.size = 32 if options.network == "resnet20" else 224
        self.classes = sorted(folder.name for folder in options.data.iterdir())
        self.files = sorted(options.data.glob("*/*"))

    def carrier(self, file):
        return self.carriers[self.classes.index(file.parent.name)].float()

    @staticmethod
    def marked(file, folder):
        return folder / file.parent.name / (file.stem + ".png")

    def score(self, folder):
        """PSNR and displacements of every image."""
        rows = []
        for file in self.files:
            original, marked = load_image(file), load_image(self.marked(file, folder))
            psnr = -10 * math.log10(((original - marked) ** 2).mean().item())
            rows.append((psnr, *displacements(self.network, original, marked, self.carrier(file), self.size)))
        return numpy.array(rows)


def main():
    parser = argparse.ArgumentParser()
    add_options(parser)
    parser.add_argument("--iterations", type=int, default=90)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = Dataset(options)
    random, start, processor = numpy.random.default_rng(0), time.perf_counter(), time.process_time()
    for i in range(0, len(data.files), options.batch):
        files = data.files[i:i + options.batch]
        carriers = torch.stack([data.carrier(file) for file in files])
        images = mark(data.network, [load_image(file) for file in files], carriers, data.size, options.iterations, options.rate, RADIUS, random)
        for file, image in zip(files, images):
            target = data.marked(file, options.out)
            target.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image.permute(1, 2, 0).numpy()).save(target)
    print(json.dumps({"seconds": time.perf_counter() - start, "cpu": time.process_time() - processor}))


if __name__ == "__main__":
    main()
