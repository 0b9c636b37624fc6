#!/bin/sh
# Runs the bench of trainyard-vision and of PyTorch alternately, and prints medians and their ratio.
#   compare.sh STEP_REPEATS EPOCH_REPEATS
# needs: cargo build -p trainyard-vision, the digits of `make tools`, and once a virtual environment with PyTorch:
#   python3.11 -m venv .tools/bench-venv && .tools/bench-venv/bin/pip install torch==2.11.0 numpy pillow
set -eu
cd "$(dirname "$0")/../../.."
ours=${TRAINYARD_VISION:-target/debug/trainyard-vision}
data=.tools/data/digits/train
[ -d "$data" ] || data=.tools/data/digits
out=$(mktemp)
trap 'rm -f "$out"' EXIT
run() { # who, repeats, what, rounds
    for layout in contiguous channels_last; do
        if [ "$1" = ours ]; then
            printf '{"who": "ours", "line": %s}\n' "$("$ours" bench --data "${data%/train}" --what "$2" --layout $layout --rounds "$3" 2>/dev/null)"
        else
            printf '{"who": "torch", "line": %s}\n' "$(.tools/bench-venv/bin/python workers/vision/bench/bench_torch.py --data "$data" --what "$2" --layout $layout --rounds "$3" 2>/dev/null)"
        fi
    done >>"$out"
}
for _ in $(seq "${1:-3}"); do run ours step 4; run torch step 4; done
for _ in $(seq "${2:-1}"); do run ours epoch 1; run torch epoch 1; done
python3 - "$out" <<'P'
import json, statistics, sys
speeds = {}
for line in map(json.loads, open(sys.argv[1])):
    key = (line["line"]["what"], line["who"], line["line"]["layout"])
    speeds.setdefault(key, []).extend(line["line"]["images_per_second"])
for what in ("step", "epoch"):
    best = {}
    for (kind, who, layout), values in sorted(speeds.items()):
        if kind == what:
            median = statistics.median(values)
            best[who] = max(best.get(who, 0), median)
            print(f"{what:6} {who:6} {layout:14} median {median:7.1f} images/s, {min(values):.1f} to {max(values):.1f}")
    if len(best) == 2:
        print(f"{what:6} ours / PyTorch, each in its better layout: {best['ours'] / best['torch']:.2f}")
P
