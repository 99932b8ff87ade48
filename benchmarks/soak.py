"""A long run of isotope mark in one process: is memory flat, the rate steady, and no handle left open?

    soak.py FOLDER NETWORK KEY OUT [--images 200000] [--iterations 2] [--isotope COMMAND]

FOLDER holds class folders of CIFAR-10 images; each is taken as often as it takes, mirrored every other time. All of them are
marked, into PNG files. Every few seconds memory, handles and images done are written to OUT.csv; the quarters of the run are compared.
"""
import argparse, csv, os, pathlib, random, subprocess, sys, time
import numpy
from PIL import Image

PER_FILE = 10_000


def write_dataset(folder, target, images):
    """CIFAR's binary batches of the images, over and over."""
    paths = sorted(folder.glob("*/*"))
    random.Random(0).shuffle(paths)
    classes = sorted({path.parent.name for path in paths})
    records = []
    for path in paths:
        pixels = numpy.asarray(Image.open(path).convert("RGB"))
        records.append((classes.index(path.parent.name), pixels.transpose(2, 0, 1)))
    target.mkdir(parents=True)
    for first in range(0, images, PER_FILE):
        with open(target / f"data_batch_{first // PER_FILE + 1}.bin", "wb") as file:
            for i in range(first, min(first + PER_FILE, images)):
                label, pixels = records[i % len(records)]
                file.write(bytes([label]) + (pixels if i // len(records) % 2 == 0 else pixels[:, :, ::-1]).tobytes())
    (target / "batches.meta.txt").write_text("\n".join(classes) + "\n")


def status(process, name):
    return next(int(line.split()[1]) for line in open(f"/proc/{process.pid}/status") if line.startswith(name))


def watch(process, journal, table):
    """A row every few seconds until the process ends: seconds, images, kB of memory, open handles."""
    start, images, offset, rows = time.time(), 0, 0, []
    writer = csv.writer(table)
    writer.writerow(["seconds", "images", "rss_kb", "handles"])
    while process.poll() is None:
        time.sleep(5)
        if journal.exists():
            with open(journal, "rb") as file:
                file.seek(offset)
                chunk = file.read()
                offset, images = offset + len(chunk), images + chunk.count(b"\n")
        try:
            row = (round(time.time() - start, 1), max(images - 1, 0), status(process, "VmRSS"), len(os.listdir(f"/proc/{process.pid}/fd")))
        except (OSError, StopIteration):
            break
        rows.append(row)
        writer.writerow(row)
        table.flush()
    return rows


def main():
    parser = argparse.ArgumentParser()
    for name in ("folder", "network", "key", "out"):
        parser.add_argument(name)
    parser.add_argument("--images", type=int, default=200_000)
    parser.add_argument("--iterations", type=int, default=2)
    parser.add_argument("--isotope", default="isotope")
    options = parser.parse_args()
    out = pathlib.Path(options.out)
    data = out.with_name(out.name + ".data")
    if not data.exists():
        write_dataset(pathlib.Path(options.folder), data, options.images)
    command = [*options.isotope.split(), "mark", "--data", data, "--key", options.key, "--network", options.network, "--fraction", "1",
               "--iterations", str(options.iterations), "--as-folder", "--out", out, "--threads", "1"]
    process = subprocess.Popen([str(part) for part in command], stderr=open(f"{out}.log", "w"))
    with open(f"{out}.csv", "w", newline="") as table:
        rows = watch(process, out.with_name(out.name + ".journal.jsonl"), table)
    marking = [row for row in rows if 0 < row[1] < options.images]
    quarters = numpy.array_split(numpy.array(marking, dtype=float), 4)
    for quarter in quarters:
        rate = (quarter[-1, 1] - quarter[0, 1]) / (quarter[-1, 0] - quarter[0, 0])
        print(f"images {quarter[0, 1]:.0f} to {quarter[-1, 1]:.0f}: {rate:.0f}/s, memory median {numpy.median(quarter[:, 2]) / 1024:.0f} MB, most {quarter[:, 2].max() / 1024:.0f}, handles {quarter[:, 3].min():.0f} to {quarter[:, 3].max():.0f}")
    sys.exit(process.returncode)


main()
