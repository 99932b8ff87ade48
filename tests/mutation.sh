#!/usr/bin/env bash
# Mutation testing of one area of the library by its own tests: tests/mutation.sh Statistics|Carriers|Detection
# Works on a clone in a temporary folder, with the tests of the area alone; prints the mutants that survived and the score.
set -euo pipefail
area=${1:?expected an area: Statistics, Carriers or Detection}
clone=$(mktemp -d)
trap 'rm -rf "$clone"' EXIT
git clone --quiet "$(dirname "$0")/.." "$clone"
cd "$clone/tests/Isotope.Tests"
find . -mindepth 1 -maxdepth 1 -type d ! -name "$area" -exec rm -r {} +
rm -f CifarTests.cs FuzzTests.cs Detection/TransferTests.cs
dotnet tool restore
cat > stryker-config.json <<JSON
{ "stryker-config": { "project": "Isotope.csproj", "test-runner": "mtp", "mutate": ["**/$area/**/*.cs"], "reporters": ["dots", "json"], "concurrency": 1 } }
JSON
dotnet stryker
jq -r '.files | to_entries[] | .key as $file | .value.mutants[] | select(.status == "Survived" or .status == "NoCoverage")
  | "\($file):\(.location.start.line): \(.status): \(.mutatorName): \(.replacement)"' StrykerOutput/*/reports/mutation-report.json
