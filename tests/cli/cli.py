"""What the tests of the program share: running it, sounds, judging. NAVE names the program, NAVE_SEED the random arguments.
SPDX-License-Identifier: ISC"""
import json
import math
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import traceback
import wave

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NAVE = os.path.abspath(os.environ.get("NAVE", os.path.join(ROOT, "build", "nave")))
SEED = int(os.environ.get("NAVE_SEED", "1"))
COMMANDS = ["render", "plan", "verify", "devices", "info", "selftest", "bench", "chain", "load", "help"]
TESTS = []
# For a build with the leak sanitizer: what libraries keep on purpose.
os.environ.setdefault("LSAN_OPTIONS", "print_suppressions=0:suppressions=" + os.path.join(ROOT, "tests/cli/lsan.supp"))


def test(function):
    TESTS.append(function)
    return function


def run(*args, cwd=None, timeout=120, stdout=subprocess.PIPE):
    r = subprocess.run([NAVE, *args], cwd=cwd, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
                       timeout=timeout)
    out = "" if r.stdout is None else r.stdout.decode("utf-8", "replace")
    return r.returncode, out, r.stderr.decode("utf-8", "replace")


def equal(found, expected, what=""):
    assert found == expected, f"{what}: found {found!r}, expected {expected!r}"


def no_constant(name):
    raise AssertionError(f"JSON holds {name}, which is no number")


def parse(text):
    return json.loads(text, parse_constant=no_constant)


def refused(result, code, *words):
    found, out, err = result
    equal(found, code, f"exit code (stderr: {err.strip()})")
    assert err.startswith("nave: "), f"stderr is {err!r}"
    for word in words:
        assert word in err, f"{word!r} is not in {err!r}"


def write_wav(path, channels, rate=48000, width=2):
    """channels: lists of floats in -1..1"""
    full = (1 << (8 * width - 1)) - 1
    data = bytearray()
    for frame in zip(*channels):
        for x in frame:
            data += int(round(max(-1, min(1, x)) * full)).to_bytes(width, "little", signed=True)
    with wave.open(path, "wb") as w:
        w.setnchannels(len(channels))
        w.setsampwidth(width)
        w.setframerate(rate)
        w.writeframes(bytes(data))


def read_wav(path):
    with wave.open(path, "rb") as w:
        width, channels, frames = w.getsampwidth(), w.getnchannels(), w.getnframes()
        data = w.readframes(frames)
        full = 1 << (8 * width - 1)
        x = [int.from_bytes(data[i:i + width], "little", signed=True) / full for i in range(0, len(data), width)]
        return w.getframerate(), width, [x[c::channels] for c in range(channels)]


def write_float_wav(path, samples, rate=48000):
    data = struct.pack(f"<{len(samples)}f", *samples)
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 3, 1, rate, 4 * rate, 4, 32,
                       b"data", len(data))
    with open(path, "wb") as f:
        f.write(head + data)


def noise(frames, seed, level=0.3):
    r = random.Random(seed)
    return [level * (2 * r.random() - 1) for _ in range(frames)]


def response(frames, seed):
    r = random.Random(seed)
    h = [(2 * r.random() - 1) * math.exp(-6.9 * n / frames) * 0.02 for n in range(frames)]
    h[0] = 0.5
    return h


class Place:
    """A directory with a stereo input and a stereo response."""

    def __init__(self, in_frames=6000, ir_frames=3000):
        self.in_frames, self.ir_frames = in_frames, ir_frames

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="nave-cli-")
        write_wav(self.at("in.wav"), [noise(self.in_frames, 1), noise(self.in_frames, 2)])
        write_wav(self.at("ir.wav"), [response(self.ir_frames, 3), response(self.ir_frames, 4)])
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def at(self, name):
        return os.path.join(self.path, name)

    def names(self):
        return sorted(os.listdir(self.path))

    def run(self, *args, **more):
        return run(*args, cwd=self.path, **more)

    def render(self, *more, source="in.wav", output="out.wav", ir="ir.wav"):
        return self.run("render", source, "-o", output, "--ir", ir, *more)


def main():
    if not os.access(NAVE, os.X_OK):
        sys.exit(f"{NAVE} is missing: build it with make, or name the program in NAVE.")
    print(f"program {NAVE}, seed {SEED}")
    wanted, failed, passed = sys.argv[1:], 0, 0
    for function in TESTS:
        if wanted and not any(w in function.__name__ for w in wanted):
            continue
        try:
            function()
            passed += 1
            print(f"ok   {function.__name__}", flush=True)
        except Exception as e:
            failed += 1
            where = traceback.extract_tb(e.__traceback__)
            line = next((f.lineno for f in reversed(where) if f.name == function.__name__), 0)
            print(f"FAIL {function.__name__} (line {line}): {type(e).__name__}: {e}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
