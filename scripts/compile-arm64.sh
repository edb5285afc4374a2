#!/usr/bin/env bash
# Compiles and links the addon for linux-arm64, so that the NEON kernels keep building on machines that cannot run them.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake -S . -B build-arm64 -DCMAKE_TOOLCHAIN_FILE=cmake/linux-arm64.cmake >/dev/null
cmake --build build-arm64 --parallel "$(nproc)" >/dev/null
