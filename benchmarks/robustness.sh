#!/usr/bin/env bash
# How much of a mark is left after recompression and resizing, with and without --robust, and what a perceptual mask costs?
#
#   benchmarks/robustness.sh IMAGES MARKING_NETWORK OUT [OPTIONS OF mark...]
#
# Marks all of IMAGES (class folders) in several ways at 42 dB, then distorts the marked images with Pillow (python3-pil),
# which shares no code with what marking simulates. A line each: the mean displacement along the carriers that is left,
# as `detect images` measures it.
set -euo pipefail
images=$1 network=$2 out=$3
shift 3
more=("$@")
isotope=${ISOTOPE:-dotnet run -c Release --project $(cd "$(dirname "$0")/.." && pwd)/src/Isotope.Cli --}
mkdir -p "$out"
dimension=$($isotope network inspect "${network#*:}" --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["dimension"])')
[ -f "$out/any.key" ] || $isotope key new --classes "$(ls "$images" | wc -l)" --dim "$dimension" --seed 31 --out "$out/any.key" > /dev/null
mark() { # NAME, OPTIONS...
  [ -f "$out/$1.manifest.json" ] || $isotope mark --data "$images" --key "$out/any.key" --network "$network" \
    --fraction 1 --psnr 42 --out "$out/$1" "${more[@]}" "${@:2}" > /dev/null 2>&1
}
distort() { # FROM, TO, HOW
  [ -d "$2" ] || ${PYTHON:-python3} - "$@" <<'PYTHON'
import os, sys
from PIL import Image
source, target, how = sys.argv[1:]
kind, value = how.split("-")
for folder, _, files in os.walk(source):
    to = os.path.join(target, os.path.relpath(folder, source)); os.makedirs(to, exist_ok=True)
    for file in files:
        image, name = Image.open(os.path.join(folder, file)), os.path.join(to, os.path.splitext(file)[0])
        if kind == "jpeg": image.save(name + ".jpg", quality=int(value))
        else:
            size = image.size
            small = image.resize([max(1, round(side * float(value))) for side in size], Image.BILINEAR)
            small.resize(size, Image.BILINEAR).save(name + ".png")
PYTHON
}
left() { # SUSPECTS, ORIGINALS
  $isotope detect images --key "$out/any.key" --marking-network "$network" --images "$1" --originals "$2" --json 2> /dev/null |
    python3 -c 'import json, sys; print("%.2f" % json.load(sys.stdin)["details"]["meanDisplacement"], end=" ")'
}
echo "mark: as published, jpeg 95, 85, 75, reduced to 0.75, 0.5"
for variant in plain "jpeg --robust jpeg" "resize --robust resize" "both --robust jpeg,resize" "mask --perceptual-mask"; do
  set -- $variant
  mark "$1" "${@:2}"
  printf '%s: ' "$1"
  left "$out/$1" "$images"
  for how in jpeg-95 jpeg-85 jpeg-75 size-0.75 size-0.5; do
    distort "$out/$1" "$out/$1.$how" $how
    distort "$images" "$out/vanilla.$how" $how
    left "$out/$1.$how" "$out/vanilla.$how"
  done
  echo
done
