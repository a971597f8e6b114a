#!/bin/bash
# Peak memory of nave: a 10 s stereo response at 192 kHz renders in under 300 MB, and a file of one hour takes no more than
# one of ten minutes.
#     memory.sh NAVE [HOURS]
# SPDX-License-Identifier: ISC
set -euo pipefail
nave=$(realpath "$1")
long_s=$(awk "BEGIN { print 3600 * ${2:-1} }")
dir=$(mktemp -d "${TMPDIR:-/tmp}/nave-memory-XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"
failed=0

# -R: the same noise in each run
sox -R -r 192000 -b 24 -n -c 2 response192.wav synth 10 pinknoise vol -20dB fade l 0 10 10
sox -R -r 192000 -b 24 -n -c 2 in192.wav synth 30 pinknoise vol -12dB
sox -R -r 48000 -b 24 -n -c 2 response48.wav synth 2 pinknoise vol -20dB fade l 0 2 2
sox -R -r 48000 -b 16 -n -c 2 short.wav synth 600 pinknoise vol -12dB
sox -R -r 48000 -b 16 -n -c 2 long.wav synth "$long_s" pinknoise vol -12dB

peak_mib() { # peak resident memory of a render, in MiB
    /usr/bin/time -f '%M' -o peak "$nave" render "$1" -o out.wav --ir "$2" >log 2>&1 || { cat log; exit 1; }
    rm -f out.wav out.wav.nave
    awk '{ printf "%.1f", $1 / 1024 }' peak
}

check() { # what, MiB, limit in MiB
    if awk "BEGIN { exit !($2 <= $3) }"; then
        echo "PASS  $1: $2 MiB, at most $3 MiB"
    else
        echo "FAIL  $1: $2 MiB, at most $3 MiB"
        failed=1
    fi
}

check "30 s at 192 kHz through 10 s, stereo" "$(peak_mib in192.wav response192.wav)" 286 # 300 MB
short=$(peak_mib short.wav response48.wav)
long=$(peak_mib long.wav response48.wav)
check "$long_s s at 48 kHz, beside 600 s ($short MiB)" "$long" "$(awk "BEGIN { print $short + 4 }")"
exit $failed
