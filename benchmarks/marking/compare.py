"""Isotope beside the published loop: quality at the same PSNR, and time, interleaved, one thread.

    python3 compare.py quality|time --isotope "dotnet Isotope.Cli.dll" --key owner.key --data photos --weights resnet18.pth --carriers carriers.pth --work /tmp/compare

`quality` marks all images by the published loop, then by Isotope at three PSNRs, and reads off each image's displacement at the PSNR that
the loop gave it; images that it moved beyond these PSNRs are left out. `time` runs both in turn; the loop for one
iteration and for some, from which the time of 90 follows: what it does once an image (decoding, features of the vanilla image, PNG) counts once.
"""
import argparse
import json
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time

import numpy
import torch

import published_loop

PUBLISHED = 90
LEVELS = [36, 42, 50]
AUGMENT = {"resnet18": "resized", "resnet20": "shift"}


def run(command):
    """Seconds by the clock and by the processor, and what it printed."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - start, sum(after[:2]) - sum(before[:2]), out


def published(options, data, out, iterations):
    return run([sys.executable, published_loop.__file__, "--data", data, "--network", options.network, "--weights", options.weights, "--carriers",
                options.carriers, "--rate", str(options.rate), "--batch", str(options.batch), "--iterations", str(iterations), "--out", out])


def isotope(options, data, out, psnr, iterations):
    for path in out.parent.glob(out.name + "*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return run([*options.isotope.split(), "mark", "--data", data, "--key", options.key, "--network", f"{options.network}:{options.weights}", "--fraction", "1",
                "--only-marked", "--psnr", str(psnr), "--iterations", str(iterations), "--augment", AUGMENT[options.network], "--threads", "1", "--out", out])


def quality(options):
    data, loop = published_loop.Dataset(options), options.work / "published"
    if not loop.exists():
        published(options, options.data, loop, PUBLISHED)
    wanted = data.score(loop)
    within = (wanted[:, 0] > LEVELS[0]) & (wanted[:, 0] < LEVELS[-1])
    print("published", PUBLISHED, *wanted[within].mean(0).round(3), f"{within.sum()} of {len(within)} images, {wanted[:, 0].min():.1f} to {wanted[:, 0].max():.1f} dB", flush=True)
    for iterations in options.iterations:
        levels = []
        for psnr in LEVELS:
            out = options.work / f"isotope{iterations}-{psnr}"
            isotope(options, options.data, out, psnr, iterations)
            levels.append(data.score(out))
            print(psnr, *levels[-1][within].mean(0).round(3), flush=True)
        levels = numpy.array(levels)
        distances, wanted_distances = 10 ** (-levels[::-1, :, 0] / 20), 10 ** (-wanted[:, 0] / 20)  # displacement is nearly linear in the distance
        at = [[numpy.interp(wanted_distances[i], distances[:, i], levels[::-1, i, column]) for column in (1, 2)] for i in numpy.flatnonzero(within)]
        print("isotope", iterations, *numpy.mean(at, axis=0).round(3), flush=True)


def timing(options):
    images, rows = len(list(options.data.glob("*/*"))), []
    for _ in range(options.repeat):
        once, more = (json.loads(published(options, options.data, options.work / "timed", count)[2]) for count in (1, options.timed))
        theirs = [(once[kind] + (PUBLISHED - 1) * (more[kind] - once[kind]) / (options.timed - 1)) / images for kind in ("seconds", "cpu")]
        ours = isotope(options, options.data, options.work / "timed-isotope", 42, options.iterations[0])
        rows.append((*theirs, ours[0] / images, ours[1] / images))
        print(*(round(value, 2) for value in rows[-1]), flush=True)
    clock, cpu = ([row[i] / row[i + 2] for row in rows] for i in (0, 1))
    print(f"seconds an image: {[round(statistics.median(column), 2) for column in zip(*rows)]}; "
          f"ratio by the clock {statistics.median(clock):.2f} ({min(clock):.2f} to {max(clock):.2f}), by the processor {statistics.median(cpu):.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=["quality", "time"])
    published_loop.add_options(parser)
    parser.add_argument("--isotope", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--iterations", type=int, nargs="+", default=[30])
    parser.add_argument("--timed", type=int, default=15, help="iterations of the published loop that are timed, beside one")
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    {"quality": quality, "time": timing}[arguments.action](arguments)
