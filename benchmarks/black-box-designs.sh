#!/usr/bin/env bash
# Which unit of exchange finds more with the same queries: classes (K = 20 versions) or image twins?
#
#   benchmarks/black-box-designs.sh DATA MARKING_NETWORK OUT [IMAGES PER CLASS] [EPOCHS] [QUERIES]
#
# Trains four ResNet-20 from scratch on the first images of every class of DATA: on class marks, on twins (the same images chosen, half
# of all, 41 dB), on vanilla images as control and, with another seed, as the owner's reference. Then asks each about as many images.
# Every step is skipped if its output is there.
set -euo pipefail
data=$1 network=$2 out=$3 images=${4:-500} epochs=${5:-30} queries=${6:-4000}
isotope=${ISOTOPE:-dotnet run -c Release --project $(cd "$(dirname "$0")/.." && pwd)/src/Isotope.Cli --}
mkdir -p "$out"
for class in "$data"/*/; do
  mkdir -p "$out/data/$(basename "$class")"
  find "$(realpath "$class")" -type f | LC_ALL=C sort | sed -n "1,${images}p" | xargs ln -sft "$out/data/$(basename "$class")"
done

[ -f "$out/owner.key" ] || $isotope key new --classes "$(ls "$data" | wc -l)" --dim 64 --seed 7 --out "$out/owner.key"
mark() { # NAME, OPTIONS...
  [ -f "$out/$1.queries.json" ] || $isotope mark --data "$out/data" --key "$out/owner.key" --network "$network" \
    --fraction 0.5 --psnr 41 --only-marked --out "$out/$1" "${@:2}"
}
train() { # NAME, SEED, OPTIONS...
  [ -f "$out/$1.safetensors" ] || $isotope train --data "$out/data" --arch resnet20 --epochs "$epochs" --seed "$2" \
    --out "$out/$1.safetensors" "${@:3}"
}
mark classes --counterfactuals 20 --counterfactual-images 20
mark twins --twins
train on-classes 1 --overlay "$out/classes"
train on-twins 1 --overlay "$out/twins"
train control 2
train reference 3

for design in classes twins; do
  for model in on-$design control; do
    for access in probabilities label; do
      for reference in "" "--reference-network $out/reference.safetensors"; do
        echo "$design, $model, $access ${reference:+with reference}"
        $isotope detect black-box --key "$out/owner.key" --queries "$out/$design.queries" --tested-network "$out/$model.safetensors" \
          --access $access --query-budget "$queries" $reference --json
      done
    done
  done
done | sed -E 's/.*"log10P":(-?[0-9.eE-]+),"verdict".*"queries":([0-9]+).*/  log10 p = \1 (\2 queries)/'
