#!/usr/bin/env bash
# Gradescope runs this for each submission, as root, and shows what results/results.json says. That
# file is there from the beginning, so also if the container has too little memory or time.
ROOT="${ATTN_GRADESCOPE:-/autograder}"
KIT="${ATTN_KIT:-/opt/attention-kit}"
export MPLCONFIGDIR="$KIT/matplotlib"
mkdir -p "$ROOT/results"
cp "$ROOT/source/unfinished.json" "$ROOT/results/results.json"
timeout --kill-after=5 "$(cat "$ROOT/source/seconds")" \
    "$KIT/.venv/bin/python" -P -m autograder.gradescope.run "$ROOT" < /dev/null
ended=$?
echo "The grader ended with code $ended."
if [ "$ended" -eq 124 ]; then
    cp "$ROOT/source/too_long.json" "$ROOT/results/results.json"
fi
exit 0
