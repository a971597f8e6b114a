#!/bin/bash
# nave render through the Verilated card, then the same plan on the C card: identical, and nave verify agrees. 30 s.
# SPDX-License-Identifier: ISC
set -eu
nave=$1
folder=$2
mkdir -p "$folder"
passed=0
failed=0
check() { # name, command
    local name=$1
    shift
    if "$@" >"$folder/log" 2>&1; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL $name"; cat "$folder/log"; fi
}
sox -R -n -r 48000 -c 2 -b 24 "$folder/in.wav" synth 0.25 pinknoise vol 0.4
sox -R -n -r 48000 -c 1 -b 24 "$folder/room.wav" synth 0.12 whitenoise vol 0.2 fade l 0 0.12 0.12
render() { # device, output
    "$nave" render "$folder/in.wav" --ir "$folder/room.wav" -d "$1" -o "$folder/$2.wav" -f pcm32 --no-dither --wet=-6dB --dry=-3dB
}
check "devices are listed" sh -c "'$nave' devices | grep -q 'sim:ram=hyperram,lanes=1'"
check "render on the simulated card" render sim:board=cynthion sim
check "render on the C card with the same plan" render model:board=cynthion model
check "identical samples" cmp "$folder/sim.wav" "$folder/model.wav"
check "render with stalls" render sim:board=cynthion,stalls=7 stalls
check "identical samples with stalls" cmp "$folder/sim.wav" "$folder/stalls.wav"
check "nave verify" "$nave" verify "$folder/sim.wav.nave"
check "no child is left" sh -c "! pgrep -P $$ nave-sim"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
