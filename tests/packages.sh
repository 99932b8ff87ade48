#!/usr/bin/env bash
# Packs the tool and the library, installs and uses both from a local feed in clean folders, and publishes a self-contained
# program. Some 3 minutes, 2 GB of disk.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd) work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/feed" "$work/tool" "$work/program"

dotnet pack "$root/src/Isotope.Cli" -c Release -o "$work/feed" -v quiet
dotnet pack "$root/src/Isotope" -c Release -o "$work/feed" -v quiet
export NUGET_PACKAGES="$work/packages" HOME="$work"

cd "$work/tool"
dotnet tool install Isotope.Tool.linux-x64 --tool-path bin --add-source "$work/feed"
bin/isotope doctor
bin/isotope demo --seed 3

cd "$work/program"
cat > program.csproj <<X
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings>
    <RestoreAdditionalProjectSources>$work/feed</RestoreAdditionalProjectSources>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Isotope" Version="0.1.0" />
    <PackageReference Include="libtorch-cpu-linux-x64" Version="2.10.0" />
    <PackageReference Include="SkiaSharp.NativeAssets.Linux.NoDependencies" Version="4.155.0" />
  </ItemGroup>
</Project>
X
cat > Program.cs <<X
using Isotope.Carriers; using Isotope.Datasets; using Isotope.Detection; using Isotope.Networks;
using var marking = Network.Load("$work/tool/isotope-demo/marker.safetensors");
using var suspect = Network.Load("$work/tool/isotope-demo/marked-model.safetensors");
var (key, images) = (KeyFile.Load("$work/tool/isotope-demo/owner.key"), Dataset.Open("$work/tool/isotope-demo/vanilla/test"));
var result = WhiteBoxTest.Run(key, marking, suspect, images, new WhiteBoxOptions { Probes = 1000 });
Console.WriteLine(\$"{result.Verdict} (log10 p = {result.PValue.Log10:F1})");
X
dotnet run -c Release                # portable: libraries of all platforms under runtimes/
dotnet run -c Release -r linux-x64   # of one platform

unset NUGET_PACKAGES
dotnet publish "$root/src/Isotope.Cli" -c Release -r linux-x64 --self-contained -o "$work/alone" -v quiet
env -i "$work/alone/isotope" doctor
