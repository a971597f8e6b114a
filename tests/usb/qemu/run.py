#!/usr/bin/env python3
"""Runs the guest of usb-qemu against the Verilated card and counts what it reports. Usage: run.py BUILD
NAVE_VERBOSE=1 prints the guest's console. NAVE_CARD=sim:board=cynthion: the whole card is the Verilated one.
SPDX-License-Identifier: ISC"""
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
import wave

sys.path.insert(0, os.path.dirname(__file__))
import guest

RATE = 48000
LIMIT_S = 480


def write_wave(path, channels):
    frames = len(channels[0])
    data = bytearray()
    for n in range(frames):
        for c in channels:
            data += max(-32768, min(32767, round(32767 * c[n]))).to_bytes(2, "little", signed=True)
    with wave.open(path, "wb") as w:
        w.setnchannels(len(channels))
        w.setsampwidth(2)
        w.setframerate(RATE)
        w.writeframes(bytes(data))


def material(folder, ir_frames, frames):
    r = random.Random(6)
    ir = [[0.2 * r.uniform(-1, 1) * math.exp(-6.0 * n / ir_frames) for n in range(ir_frames)] for _ in range(2)]
    tone = [[0.4 * math.sin(n * n * 0.00002 + c) * (0.5 + 0.5 * r.random()) for n in range(frames)] for c in range(2)]
    paths = os.path.join(folder, "ir.wav"), os.path.join(folder, "in.wav")
    write_wave(paths[0], ir)
    write_wave(paths[1], tone)
    return paths


def main():
    build = sys.argv[1]
    here = os.path.dirname(os.path.abspath(__file__))
    card = os.environ.get("NAVE_CARD", "")
    tests = os.path.join(here, "card_tests" if card else "tests")
    begin = time.time()
    vmlinux, modules = guest.kernel(os.path.join(build, "usb", "kernel"))
    with tempfile.TemporaryDirectory() as t:
        ir, tone = material(t, 2000, 6000) if card else material(t, 24000, 72000)
        wanted = json.loads(guest.run([os.path.join(build, "nave"), "render", "-d", card.replace("sim:", "model:") or "model:", tone, "-i", ir, "-o",
                                       os.path.join(t, "out.wav"), "--wet", "-12dB", "--dry", "-3dB", "--json"]))
        with open(os.path.join(t, "expected"), "w") as f:
            f.write("output_hash=%s\nseed=%s\n" % (wanted["files"][0]["output_hash"], os.environ.get("NAVE_SEED", "1")))
        image = os.path.join(t, "initramfs")
        guest.initramfs(image, modules, [os.path.join(build, "nave")],
                        {"init": os.path.join(here, "init"), "tests": tests, "expected": os.path.join(t, "expected"),
                         "in.wav": tone, "ir.wav": ir})
        usb, control, console = (os.path.join(t, n) for n in ("usb", "control", "console"))
        qemu = subprocess.Popen([
            "nice", "-n", "5", "qemu-system-x86_64", "-M", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-m", "512",
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-bios", "qboot.rom", "-kernel", vmlinux,
            "-initrd", image, "-append", "console=ttyS0 quiet panic=-1 nokaslr tsc=reliable mitigations=off",
            "-serial", "file:" + console, "-serial", "unix:%s,server=on,wait=off" % control,
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-device", "qemu-xhci,id=hc",
            "-chardev", "socket,id=ur,path=%s,server=on,wait=off" % usb,
            "-device", "usb-redir,chardev=ur,bus=hc.0"])
        server = subprocess.Popen(["nice", "-n", "5", os.path.join(build, "usb", "usbredir_server"), usb, control],
                                stdout=subprocess.PIPE, text=True)
        try:
            status = qemu.wait(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            qemu.kill()
            status = -1
        try:
            said = server.communicate(timeout=10)[0]
        except subprocess.TimeoutExpired:
            server.kill()
            said = "the card's server did not end\n"
        log = open(console, errors="replace").read().replace("\r", "")
    lines = [l for l in log.splitlines() if l.startswith(("ok ", "FAIL"))]
    passed = sum(l.startswith("ok ") for l in lines)
    failed = len(lines) - passed
    if os.environ.get("NAVE_VERBOSE"):
        print(log)
    else:
        print("\n".join(lines))
    print(said, end="")
    if status != 33 or server.returncode != 0 or passed == 0: # 33: the guest came to its end and says that all is well
        failed += failed == 0
        print("FAIL the guest ended with %d, the card's server with %s" % (status, server.returncode))
        if not os.environ.get("NAVE_VERBOSE"):
            print(log[-3000:])
    print("%.1f s" % (time.time() - begin))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed != 0)


main()
