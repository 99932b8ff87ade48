#!/usr/bin/env bash
# Mutation testing of one area of the library by its own tests: tests/mutation.sh Statistics|Carriers|Detection
# Works on a clone in a temporary folder, with the tests of the area alone; prints the score and the mutants that survived
# or ran out of time.
set -euo pipefail
area=${1:?expected an area: Statistics, Carriers or Detection}
clone=$(mktemp -d)
trap 'rm -rf "$clone"' EXIT
git clone --quiet "$(dirname "$0")/.." "$clone"
cd "$clone/tests/Isotope.Tests"
find . -mindepth 1 -maxdepth 1 -type d ! -name "$area" -exec rm -r {} +
rm -f CifarTests.cs FuzzTests.cs Detection/TransferTests.cs Detection/AbusedNullTests.cs # slow ones
dotnet tool restore
cat > stryker-config.json <<JSON
{
  "stryker-config": {
    "project": "Isotope.csproj",
    "test-runner": "mtp",
    "mutate": ["**/$area/**/*.cs"],
    "reporters": ["dots", "json"],
    "concurrency": 2,
    "additional-timeout": 60000
  }
}
JSON
dotnet stryker
jq -r '.files | to_entries[] | .key as $file | .value.mutants[] | select(.status | IN("Survived", "NoCoverage", "Timeout"))
  | "\($file):\(.location.start.line): \(.status): \(.mutatorName): \(.replacement)"' StrykerOutput/*/reports/mutation-report.json
