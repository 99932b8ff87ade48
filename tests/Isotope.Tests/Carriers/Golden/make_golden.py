"""Makes the key files of this folder and what follows from them, by the formats' definition and not by Isotope's code:

    python3 make_golden.py        (needs cryptography)

key.json, opening.json, locked.json: the key of seed 7 for 3 classes and 4 dimensions, as a key, as its opening, and under
the passphrase. derived.json: its commitment, a bound document, its random stream, carriers of its counterfactual and of an image's twins.
"""

import base64
import hashlib
import hmac
import json
import math
import os
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

os.chdir(os.path.dirname(os.path.abspath(__file__)))
CLASSES, DIMENSION = 3, 4
SECRET = hashlib.sha256(struct.pack("<q", 7)).digest()
SALT = hmac.digest(SECRET, b"commitment salt", "sha256")


def words(label):
    """The stream of a label: HMAC-SHA256 of a counter under the HMAC of the label, as 64-bit words."""
    key, block = hmac.digest(SECRET, label.encode(), "sha256"), 0
    while True:
        yield from struct.unpack("<4Q", hmac.digest(key, struct.pack("<q", block), "sha256"))
        block += 1


def direction(label):
    """Gaussians by Box and Muller, brought to norm 1, rounded to float."""
    stream, values = words(label), []
    while len(values) < DIMENSION:
        u, v = ((next(stream) >> 11) / 2**53 for _ in range(2))
        radius = math.sqrt(-2 * math.log(1 - u))
        values += [radius * math.cos(2 * math.pi * v), radius * math.sin(2 * math.pi * v)]
    scale = 1 / math.sqrt(sum(value * value for value in values))
    return struct.pack(f"<{DIMENSION}f", *(value * scale for value in values))


def carriers(prefix):
    return b"".join(direction(f"{prefix} {label}") for label in range(CLASSES))


def numbers(packed):
    return list(struct.unpack(f"<{len(packed) // 4}f", packed))


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).hexdigest()


def text(packed):
    return base64.b64encode(packed).decode()


def save(name, document):
    with open(name, "w") as file:
        file.write(json.dumps(document, indent=2) + "\n")
    return json.dumps(document).encode()


own = carriers("carrier")
commitment = sha256(f"isotope commitment 1 {CLASSES} {DIMENSION} ".encode(), SALT, own)
sizes = {"classes": CLASSES, "dimension": DIMENSION, "origin": "seed 7", "commitment": commitment}
rest = {"carriers": text(own), "created": "2026-01-02"}
plain = save("key.json", {"format": "isotope-key-1"} | sizes | {"secret": text(SECRET)} | rest)
save("opening.json", {"format": "isotope-opening-1"} | sizes | {"salt": text(SALT)} | rest)

name, iterations, salt, nonce = "isotope-locked-key-1", 100_000, bytes(range(16)), bytes(range(12))
cipher = AESGCM(hashlib.pbkdf2_hmac("sha512", "correct horse".encode(), salt, iterations, 32))
sealed = cipher.encrypt(nonce, plain, f"{name} {iterations}".encode())
parameters = {"salt": text(salt), "nonce": text(nonce), "tag": text(sealed[-16:]), "content": text(sealed[:-16])}
save("locked.json", {"format": name, "iterations": iterations} | parameters)

published = next(words("coin a.png")) & 1
save(
    "derived.json",
    {
        "bound": sha256(b"isotope settings 1 ", SALT, b"settings"),
        "stream": str(next(words("views"))),
        "carriers": numbers(own),
        "counterfactual": numbers(carriers("counterfactual 2 carrier")),
        "publishedTwin": numbers(direction(f"twin {published} a.png")),
        "secretTwin": numbers(direction(f"twin {1 - published} a.png")),
    },
)
