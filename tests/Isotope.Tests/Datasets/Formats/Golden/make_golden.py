"""Writes the files of other tools that the tests of formats read: python3 make_golden.py CIFAR FASHION, two folders of class folders.

Made with NumPy 1.24, Pillow 9.4 and Python's pickle, gzip and tarfile, of images of CIFAR-10 and Fashion-MNIST (the demo's). hf.parquet is
make_parquet.cs's. expected.json has what Pillow reads of each image: SHA-256 of "height width channels " and the pixels.
"""
import gzip
import hashlib
import io
import json
import pathlib
import pickle
import struct
import sys
import tarfile

import numpy
from PIL import Image

cifar, fashion = (pathlib.Path(path) for path in sys.argv[1:])
expected = {}


def pixels(image):
    array = numpy.asarray(image)
    shape = array.shape if array.ndim == 3 else (*array.shape, 1)
    return hashlib.sha256(f"{shape[0]} {shape[1]} {shape[2]} ".encode() + array.tobytes()).hexdigest()


def save(image, name, **options):
    image.save(name, **options)
    expected[name] = pixels(Image.open(name).convert("L" if image.mode == "L" else "RGB"))


classes = ["cat", "dog"]
files = [sorted((cifar / classes[i % 2]).glob("*.jpg"))[i] for i in range(4)]
images = [Image.open(file).convert("RGB") for file in files]
labels = [i % 2 for i in range(4)]

# MNIST's format, of 28 x 28 grey images.
grey = [numpy.asarray(Image.open(sorted(folder.glob("*.png"))[i]).convert("L")) for i, folder in enumerate(sorted(fashion.iterdir())[:3] * 2)]
with gzip.GzipFile("train-images-idx3-ubyte.gz", "wb", mtime=0) as file:
    file.write(struct.pack(">4i", 0x803, 6, 28, 28) + b"".join(image.tobytes() for image in grey))
with gzip.GzipFile("train-labels-idx1-ubyte.gz", "wb", mtime=0) as file:
    file.write(struct.pack(">2i", 0x801, 6) + bytes([0, 1, 2] * 2))
expected["idx"] = [pixels(image) for image in grey]

# CIFAR: channel after channel. The pickle is of protocol 2 and Python 2's, as the original: byte strings are str there.
planar = numpy.stack([numpy.asarray(image).transpose(2, 0, 1).reshape(-1) for image in images])
for name in ("binary", "python", "python3"):
    pathlib.Path(name).mkdir(exist_ok=True)
for batch, rows in enumerate((slice(0, 1), slice(1, 2))):
    records = b"".join(bytes([label]) + row.tobytes() for label, row in zip(labels[rows], planar[rows]))
    pathlib.Path(f"binary/data_batch_{batch + 1}.bin").write_bytes(records)
pathlib.Path("binary/batches.meta.txt").write_text("cat\ndog\n\n")


def python2(data, labels):
    """The bytes that Python 2 wrote: cPickle of {'data': array, 'labels': list}, protocol 2."""
    text = lambda value: b"U" + bytes([len(value)]) + value
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85q\x03U\x01bq\x04\x87q\x05Rq\x06(K\x01K"
        + bytes([len(data)]) + b"M\x00\x0c\x86q\x07cnumpy\ndtype\nq\x08U\x02u1q\tK\x00K\x01\x87q\nRq\x0b(K\x03U\x01|q\x0cNNNJ\xff\xff\xff\xff"
        + b"J\xff\xff\xff\xffK\x00tq\rb\x89T" + struct.pack("<i", data.nbytes) + data.tobytes() + b"q\x0etq\x0fb")
    return b"\x80\x02}q\x10(" + text(b"data") + array + text(b"labels") + b"]q\x11(" + b"".join(b"K" + bytes([label]) for label in labels) + b"eu."


pathlib.Path("python/data_batch_1").write_bytes(python2(planar[:2], labels[:2]))
check = pickle.loads(pathlib.Path("python/data_batch_1").read_bytes(), encoding="latin1")
assert (check["data"] == planar[:2]).all() and check["labels"] == labels[:2]
pathlib.Path("python/batches.meta").write_bytes(pickle.dumps({"label_names": classes}, protocol=2))
pathlib.Path("python3/train").write_bytes(pickle.dumps({b"fine_labels": labels[3:], b"data": planar[3:]}, protocol=4))
pathlib.Path("python3/meta").write_bytes(pickle.dumps({b"fine_label_names": [name.encode() for name in classes]}, protocol=4))
expected["cifar"] = [pixels(image) for image in images]


# WebDataset: two shards, in the formats that tarfile writes, with members that are no images.
tarfile.RECORDSIZE = tarfile.BLOCKSIZE


def shard(name, format, rows, label):
    with tarfile.open(name, "w", format=format) as archive:
        for i in rows:
            for suffix, content in ((".jpg", files[i].read_bytes()), label(i), (".txt", f"caption {i}".encode())):
                member = tarfile.TarInfo(f"./{'deep/' * 25 if i == 3 else ''}{i:06d}{suffix}")
                member.size, member.mtime, member.mode, member.uname = len(content), 1_600_000_000.25 if suffix == '.jpg' and format == tarfile.PAX_FORMAT else 1_600_000_000, 0o640, "owner"
                archive.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "000000.jpg"
        archive.addfile(link)


shard("train-000000.tar", tarfile.PAX_FORMAT, (0, 1), lambda i: (".cls", str(labels[i]).encode()))
shard("train-000001.tar", tarfile.GNU_FORMAT, (2, 3), lambda i: (".json", json.dumps({"label": labels[i], "caption": "x"}).encode()))

# Kinds of images.
small = images[0].crop((4, 4, 12, 16))
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x112] = orientation
    small.save(f"orientation{orientation}.jpg", exif=exif, quality=90)
    turned = {2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM, 5: Image.TRANSPOSE, 6: Image.ROTATE_270, 7: Image.TRANSVERSE, 8: Image.ROTATE_90}
    stored = Image.open(f"orientation{orientation}.jpg").convert("RGB")
    expected[f"orientation{orientation}.jpg"] = pixels(stored.transpose(turned[orientation]) if orientation > 1 else stored)
save(small.convert("L"), "grey.png")
save(small.convert("L"), "grey.jpg")
save(small.convert("CMYK"), "cmyk.jpg")
save(small.quantize(16), "palette.png")
alpha = small.copy()
alpha.putalpha(Image.fromarray(numpy.arange(96, dtype=numpy.uint8).reshape(12, 8)))
alpha.save("alpha.png")
expected["alpha.png colours"] = pixels(small)
Image.fromarray((numpy.asarray(small.convert("L")).astype(numpy.uint16) << 8) + 7).save("sixteen.png")
pathlib.Path("expected.json").write_text(json.dumps(expected, indent=1))
