#!/bin/sh
# Explores the model of the seat protocol exhaustively, then breaks it in five ways, each of which must be found.
# Needs spin and a C compiler (Debian: apt-get install spin gcc) and about 2 GB of memory.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

explore() {
    (cd "$work" && spin -a "$@" "$OLDPWD/allotments.pml" && ${CC:-cc} -O2 -w -DSAFETY -DCOLLAPSE -DVECTORSZ=2048 -o pan pan.c && ./pan -m1000000 > log)
}

holds() {
    explore "$@"
    grep -q 'errors: 0' "$work/log" || { cat "$work/log"; echo "FAILED: $*"; exit 1; }
    echo "holds   $* $(grep -o '[0-9]* states, stored' "$work/log")"
}

breaks() {
    explore "$@" -DREQUESTS=3 || true
    grep -q 'assertion violated' "$work/log" || { cat "$work/log"; echo "NOT FOUND: $*"; exit 1; }
    echo "breaks  $* $(grep -o 'assertion violated.*' "$work/log" | head -1)"
}

# Combinations of failures; each line explores all orders with three instances.
holds -DSEATS=3 -DREQUESTS=3 -DCRASHES=1 -DLOST=1 -DCHANGES=1
holds -DSEATS=3 -DREQUESTS=5 -DCRASHES=1 -DLOST=0 -DCHANGES=0
holds -DSEATS=4 -DREQUESTS=5 -DCRASHES=1 -DLOST=0 -DCHANGES=0

breaks -DBREAK_NO_IF_MATCH         # the allotment is written without its ETag
breaks -DBREAK_NO_TOUCH            # the administrator's change does not change the allotments' ETags
breaks -DBREAK_REFUSE_BY_LICENSE   # a refusal considers only the license row
breaks -DBREAK_FOLD_FORGETS        # an allotment is deleted without returning its seats
breaks -DBREAK_NO_RECEIPT          # after a lost reply, the request is written again
