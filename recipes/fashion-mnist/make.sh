#!/usr/bin/env bash
# Makes what the demo carries: src/Isotope.Cli/Demo/{fashion-mnist.zip,marker.safetensors}.
# Needs the four IDX files of Fashion-MNIST (Debian: apt-get install dataset-fashion-mnist), python3 and the .NET SDK.
#
#   recipes/fashion-mnist/make.sh [FOLDER OF THE IDX FILES]
#
# The marking network has 20 layers and sees training images 0 to 49999; the demo's images are others. It is trained
# without augmentation and without weight decay: such a network moves its features more at the same PSNR.
# About 4 minutes on 2 cores. Training repeats bit by bit on the same number of threads and kind of processor.
set -euo pipefail
source=${1:-/usr/share/datasets/fashion-mnist}
here=$(cd "$(dirname "$0")" && pwd)
demo=$here/../../src/Isotope.Cli/Demo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unpack() { python3 "$here/idx_to_folder.py" "$source/$1-images-idx3-ubyte.gz" "$source/$1-labels-idx1-ubyte.gz" "${@:2}"; }
unpack train 0 50000 "$work/pretrain"
unpack train 50000 3000 "$work/train" --zip "$work/images.zip" train
unpack t10k 0 2000 "$work/test" --zip "$work/images.zip" test

dotnet run -c Release --project "$here/../../src/Isotope.Cli" -- train \
  --data "$work/pretrain" --test "$work/test" --arch resnet20 --input-size 28 \
  --epochs 4 --learning-rate 0.1 --weight-decay 0 --augment centre --seed 0 --out "$work/marker.safetensors"

mv "$work/images.zip" "$demo/fashion-mnist.zip"
mv "$work/marker.safetensors" "$demo/marker.safetensors"
sha256sum "$demo/fashion-mnist.zip" "$demo/marker.safetensors"
