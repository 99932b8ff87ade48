#!/usr/bin/env python3
"""Unpacks Fashion-MNIST (IDX, gzip) into class folders of grey PNG files. Standard library only.

    idx_to_folder.py IMAGES.gz LABELS.gz FIRST COUNT OUT [--zip OUT.zip PREFIX]

Image N becomes OUT/<class>/<N, five digits>.png. With --zip the files are also appended to a zip archive below PREFIX/,
with fixed dates, so that the archive's bytes depend on the images alone.
"""
import gzip
import pathlib
import struct
import sys
import zipfile
import zlib

CLASSES = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot"]


def read_idx(path):
    data = gzip.open(path).read()
    dimensions = data[3]
    shape = struct.unpack(f">{dimensions}I", data[4:4 + 4 * dimensions])
    return shape, data[4 + 4 * dimensions:]


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(pixels, width, height):
    rows = b"".join(b"\0" + pixels[y * width:(y + 1) * width] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def main(images, labels, first, count, out, archive=None, prefix=None):
    (_, height, width), pixels = read_idx(images)
    _, classes = read_idx(labels)
    size = height * width
    zipped = zipfile.ZipFile(archive, "a") if archive else None
    for n in range(first, first + count):
        name = f"{CLASSES[classes[n]]}/{n:05d}.png"
        data = png(pixels[n * size:(n + 1) * size], width, height)
        path = pathlib.Path(out, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if zipped:
            zipped.writestr(zipfile.ZipInfo(f"{prefix}/{name}"), data)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if len(arguments) not in (5, 8):
        sys.exit(__doc__)
    zip_arguments = arguments[6:] if len(arguments) == 8 else []
    main(arguments[0], arguments[1], int(arguments[2]), int(arguments[3]), arguments[4], *zip_arguments)
