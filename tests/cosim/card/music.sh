#!/bin/bash
# 60 s of recorded music through a recorded room of 2.35 s on the Verilated card, then `nave verify` on the C card.
# usage: music.sh NAVE FOLDER [DEVICE [SECONDS]]
# SPDX-License-Identifier: ISC
set -eu
nave=$1
folder=$2
device=${3:-sim:ram=port,lanes=2}
seconds=${4:-60}
mkdir -p "$folder"
samples=/usr/share/sonic-pi/samples
sox $samples/ambi_piano.flac -r 48000 "$folder/piano.wav" channels 2
sox $samples/loop_amen_full.flac -r 48000 "$folder/drums.wav" channels 2
sox "$folder/drums.wav" "$folder/piano.wav" "$folder/both.wav"
sox -R "$folder/both.wav" -b 24 "$folder/music.wav" repeat 20 trim 0 "$seconds"
start=$(date +%s)
"$nave" render "$folder/music.wav" --ir /usr/share/gx_head/sounds/greathall.wav --normalise energy --wet=-12dB --dry=-6dB -d "$device" -o "$folder/hall.wav"
echo "$seconds s of music on $device in $(($(date +%s) - start)) s"
if "$nave" verify -d model: "$folder/hall.wav.nave"; then echo "1 passed, 0 failed"; else
    echo "0 passed, 1 failed"
    exit 1
fi
