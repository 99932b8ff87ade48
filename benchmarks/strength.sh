#!/usr/bin/env bash
# Marks with the published step rule against ours, at equal PSNR: displacement, and what tests find.
#
#   benchmarks/strength.sh TRAIN TEST MARKING_NETWORK OUT [RATE] [EPOCHS FROM SCRATCH, 0 for none] [REFERENCES FOR THEM]
#
# Published: a constant RATE (0.1 for a CIFAR ResNet-20; 1.0 in the paper, for ImageNet) in normalised units, 90 iterations,
# no PSNR. Ours: the defaults, at the mean PSNR that came of that. q = 1, 2 and 5 % with a retrained classifier, 10 % from
# scratch. One key, on which nothing was tuned.
set -euo pipefail
train=$1 test=$2 network=$3 out=$4 rate=${5:-0.1} epochs=${6:-16}
shift $(($# < 6 ? $# : 6))
isotope=${ISOTOPE:-dotnet run -c Release --project $(cd "$(dirname "$0")/.." && pwd)/src/Isotope.Cli --}
mkdir -p "$out"
[ -f "$out/owner.key" ] || $isotope key new --classes "$(ls "$train" | wc -l)" --dim 64 --seed 801 --out "$out/owner.key" > /dev/null
field() { python3 -c "import json, sys; print(json.load(sys.stdin)['$1'])"; }
mark() { # NAME, FRACTION, OPTIONS...
  [ -f "$out/$1.json" ] || {
    $isotope mark --data "$train" --key "$out/owner.key" --network "$network" --fraction "$2" --only-marked \
      --out "$out/$1" --json "${@:3}" > "$out/$1.part" && mv "$out/$1.part" "$out/$1.json"
  }
}
found() { # MODEL, OPTIONS...
  $isotope detect white-box --key "$out/owner.key" --marking-network "$network" --tested-network "$out/$1.safetensors" \
    --images "$test" --json "${@:2}" | python3 -c "
import json, sys
result = json.load(sys.stdin)
paper = next(o for o in result['details']['others'] if (o['statistic'], o['combination']) == ('paper', 'fisher'))
print(f'$1: {result[\"statistic\"]} {result[\"log10P\"]:.2f}, paper {paper[\"log10P\"]:.2f}')"
}
mark published-0.05 0.05 --rate "$rate" --iterations 90
psnr=$(field meanPsnr < "$out/published-0.05.json")
mark ours-0.05 0.05 --psnr "$psnr"
for rule in published ours; do
  marks=$out/$rule-0.05.json
  echo "$rule: $(field meanPsnr < "$marks") dB, displacement $(field meanDisplacement < "$marks")"
done
for q in 0.01 0.02 0.05; do
  mark published-$q $q --rate "$rate" --iterations 90
  mark ours-$q $q --psnr "$psnr"
  for rule in published ours; do
    [ -f "$out/$rule-$q.safetensors" ] || $isotope train --data "$train" --overlay "$out/$rule-$q" --init "$network" \
      --freeze-features --seed 1 --out "$out/$rule-$q.safetensors" > /dev/null
    found $rule-$q
  done
done
[ "$epochs" = 0 ] && exit
mark published-0.1 0.1 --rate "$rate" --iterations 90
mark ours-0.1 0.1 --psnr "$psnr"
for rule in published ours; do
  [ -f "$out/$rule-0.1.safetensors" ] || $isotope train --data "$train" --overlay "$out/$rule-0.1" --arch resnet20 \
    --epochs "$epochs" --seed 2 --out "$out/$rule-0.1.safetensors" > /dev/null
  found $rule-0.1 "${@/#/--reference-network=}"
done
