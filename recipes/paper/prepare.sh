#!/usr/bin/env bash
# Lays out the data of the recipes: prepare.sh CIFAR.zip RESNET20.th FASHION_MNIST_FOLDER DATA
#   CIFAR.zip              CIFAR-10 as JPEG or PNG files, train/CLASS/NAME and test/CLASS/NAME (32 × 32)
#   RESNET20.th            a CIFAR-10 ResNet-20, as of https://github.com/akamaster/pytorch_resnet_cifar10
#   FASHION_MNIST_FOLDER   its four IDX files (Debian: apt-get install dataset-fashion-mnist, /usr/share/datasets/fashion-mnist)
set -euo pipefail
[ $# -eq 4 ] || { sed -n '2,5s/^# \?//p' "$0"; exit 2; }
mkdir -p "$4/cifar10" "$4/fashion-mnist"
unzip -q -n "$1" -d "$4/cifar10"
cp "$2" "$4/resnet20.th"
cp "$3"/*-ubyte.gz "$4/fashion-mnist/"
cp "$(dirname "$0")/../../src/Isotope.Cli/Demo/marker.safetensors" "$4/fashion-mnist.safetensors" # made by recipes/fashion-mnist
[ -d "$4/cifar10/train" ] && [ -d "$4/cifar10/test" ] || {
  echo "prepare.sh: $1: expected train/ and test/, found something else" >&2
  exit 2
}
