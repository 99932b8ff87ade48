#!/usr/bin/env bash
# Which marked fraction does each statistic find, where only the classifier was retrained?
#
#   benchmarks/fixed-features.sh TRAIN TEST MARKING_NETWORK OUT [KEYS]
#
# For KEYS (3) keys and q = 0.5, 1, 2 and 5 %: marks TRAIN at 41 dB, retrains the classifier on the marking network's features, and tests it
# without a reference and with a classifier retrained on the vanilla images. Steps whose output is there are skipped.
# A line each: log₁₀ p of the default statistic and of the paper's (Fisher).
set -euo pipefail
train=$1 test=$2 network=$3 out=$4 keys=${5:-3}
isotope=${ISOTOPE:-dotnet run -c Release --project $(cd "$(dirname "$0")/.." && pwd)/src/Isotope.Cli --}
mkdir -p "$out"
retrain() { # NAME, SEED, OPTIONS...
  [ -f "$out/$1.safetensors" ] || $isotope train --data "$train" --init "$network" --freeze-features --seed "$2" \
    --out "$out/$1.safetensors" "${@:3}" > /dev/null
}
test_model() { # KEY, NAME, REFERENCE
  local result=$out/$1.$2.${3:+with-}reference.json
  [ -f "$result" ] || $isotope detect white-box --key "$out/$1.key" --marking-network "$network" --tested-network "$out/$2.safetensors" \
    --images "$test" ${3:+--reference-network "$out/$3.safetensors"} --out "$result" > /dev/null
  python3 - "$result" "$1 $2 ${3:+with reference}" <<'PYTHON'
import json, sys
result = json.load(open(sys.argv[1]))
paper = next(o for o in result["details"]["others"] if (o["statistic"], o["combination"]) == ("paper", "fisher"))
print(f'{sys.argv[2]}: {result["statistic"]} {result["log10P"]:.2f}, paper {paper["log10P"]:.2f}')
PYTHON
}
retrain vanilla 100
for key in $(seq "$keys"); do
  [ -f "$out/$key.key" ] || $isotope key new --classes "$(ls "$train" | wc -l)" --dim 64 --seed $((700 + key)) --out "$out/$key.key"
  retrain "control-$key" $((200 + key))
  test_model "$key" "control-$key" ""
  test_model "$key" "control-$key" vanilla
  for q in 0.005 0.01 0.02 0.05; do
    [ -f "$out/marked-$key-$q.manifest.json" ] || $isotope mark --data "$train" --key "$out/$key.key" --network "$network" \
      --fraction $q --psnr 41 --only-marked --out "$out/marked-$key-$q" > /dev/null
    retrain "model-$key-$q" $((300 + key)) --overlay "$out/marked-$key-$q"
    test_model "$key" "model-$key-$q" ""
    test_model "$key" "model-$key-$q" vanilla
  done
done
