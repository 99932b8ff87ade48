#!/usr/bin/env bash
# Are p-values uniform for models that never saw a mark?
#
#   benchmarks/calibration.sh TRAIN TEST MARKING_NETWORK OUT [KEYS]
#
# Trains unmarked models on TRAIN, three from scratch (16 epochs) and three whose classifier alone is retrained on the marking network's
# features, and tests each under KEYS fresh keys (2,000), by both statistics. Steps whose output is there are skipped.
# A line each: keys with p ≤ 1 % and ≤ 0.1 %, and the p-value of the Kolmogorov-Smirnov test of uniformity.
set -euo pipefail
train=$1 test=$2 network=$3 out=$4 keys=${5:-2000}
isotope=${ISOTOPE:-dotnet run -c Release --project $(cd "$(dirname "$0")/.." && pwd)/src/Isotope.Cli --}
mkdir -p "$out"
[ -f "$out/any.key" ] || $isotope key new --classes "$(ls "$train" | wc -l)" --dim 64 --seed 1 --out "$out/any.key"
for seed in 1 2 3; do
  model=$out/scratch$seed.safetensors
  [ -f "$model" ] || $isotope train --data "$train" --arch resnet20 --epochs 16 --seed $seed --out "$model"
  model=$out/retrained$seed.safetensors
  [ -f "$model" ] || $isotope train --data "$train" --init "$network" --freeze-features --seed $seed --out "$model"
done
for model in scratch1 scratch2 scratch3 retrained1 retrained2 retrained3; do
  for statistic in response paper; do
    result=$out/$model.$statistic.json
    [ -f "$result" ] || $isotope detect white-box --key "$out/any.key" --marking-network "$network" \
      --tested-network "$out/$model.safetensors" --images "$test" --statistic $statistic --rank-sets "$keys" --out "$result" > /dev/null
    awk -v name="$model $statistic" -F'[:,]' '
      /"sets"/ { sets = $2 } /"belowPercent"/ { percent = $2 } /"belowPerMille"/ { mille = $2 }
      /"log10Uniformity"/ {
        printf "%s: of %d keys %d at 1 %%, %d at 0.1 %%; uniform: p = %.3f\n", name, sets, percent, mille, 10^$2
      }' "$result"
  done
done
