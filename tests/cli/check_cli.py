#!/usr/bin/env python3
"""Runs the built program nave as a user would. NAVE names the program, NAVE_SEED the random arguments.
SPDX-License-Identifier: ISC"""
import json
import math
import os
import pty
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import wave
from array import array

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


# ---- help and usage -----------------------------------------------------------------------------------------------
@test
def no_command_shows_the_commands_and_is_a_usage_error():
    code, out, err = run()
    equal((code, out), (2, ""))
    for command in COMMANDS:
        assert f"  {command} " in err, command


@test
def help_and_version_go_to_standard_output():
    code, out, err = run("--help")
    equal((code, err), (0, ""))
    assert "usage: nave COMMAND" in out
    code, out, err = run("--version")
    equal((code, err), (0, ""))
    assert re.fullmatch(r"nave \d+\.\d+\.\d+\n", out), out


@test
def every_command_teaches_with_examples_that_fit_the_terminal():
    for command in COMMANDS:
        code, out, err = run(command, "--help")
        equal((code, err), (0, ""), command)
        equal(run("help", command)[1], out, command)
        assert "Examples:" in out and f"usage: nave {command}" in out, command
        text = [line for line in out.split("\n") if not line.startswith("  nave")]
        assert max(map(len, text)) <= 100, command


@test
def help_comes_before_missing_operands():
    equal(run("plan", "-h")[0], 0)
    equal(run("render", "--gain", "3dB", "--help")[0], 0)


@test
def mistyped_commands_and_options_name_the_nearest():
    refused(run("rendr"), 2, "did you mean 'render'?")
    refused(run("help", "verfy"), 2, "did you mean 'verify'?")
    refused(run("render", "--normalize", "peak"), 2, "did you mean '--normalise'?")
    refused(run("render", "--zzzzzzz"), 2, "nave render --help")
    refused(run("render", "-Z"), 2, "'-Z'")
    refused(run("--json"), 2, "nave COMMAND --json")


@test
def missing_and_surplus_arguments_are_named():
    refused(run("plan"), 2, "IR is missing")
    refused(run("verify"), 2, "RECEIPT... is missing")
    refused(run("plan", "a", "b"), 2, "'b' is one argument too many")
    refused(run("devices", "x"), 2, "'x' is one argument too many")
    refused(run("render", "a.wav", "--ir", "b.wav"), 2, "-o OUT is missing")
    refused(run("render", "a.wav", "-o", "b.wav"), 2, "--ir IR is missing")
    refused(run("render", "--gain"), 2, "--gain needs a value")
    refused(run("render", "-o"), 2, "--output needs a value")
    refused(run("render", "--reverse=1"), 2, "--reverse takes no value")
    refused(run("render", "--t", "x"), 2, "more than one option")


@test
def junk_values_are_refused_with_their_position():
    for option, value, position in [
            ("--predelay", "20mx", 3), ("--predelay", "20", 3), ("--predelay", "x", 1), ("--predelay", "1.5.s", 4),
            ("--length", "nan", 1), ("--length", "inf", 1), ("--length", " 1s", 1), ("--length", "1s ", 2),
            ("--gain", "3dBx", 2), ("--gain", "0x10", 2), ("--gain", "--3", 1), ("--gain", "", 1),
            ("--wet", "-infinity", 1), ("--gain", "-inf", 1), ("--gain", "1e", 2),
            ("--tick", "64k", 3), ("--tick", "-64", 1), ("--tick", "6.4", 2), ("--batch", "", 1),
            ("--seed", "99999999999999999999", 20), ("--jobs", "two", 1)]:
        refused(run("render", option, value), 2, f"nave: render: {option}: ", f"position {position},")
    refused(run("plan", "--rate", "44.1m"), 2, "position 5,")


@test
def values_out_of_range_are_refused_with_the_range():
    for option, value, words in [
            ("--predelay", "11s", "from 0 to 10 s"), ("--predelay", "-1ms", "from 0 to 10 s"),
            ("--gain", "61", "from -120 to 60 dB"), ("--wet", "19dB", "18 dB"), ("--trim-below", "1dB", "from -200 to 0"),
            ("--tick", "32", "from 64 to 8192"), ("--batch", "9", "from 1 to 8"), ("--jobs", "0", "from 1")]:
        refused(run("render", option, value), 2, "out of range", words)
    refused(run("render", "--format", "pcm20"), 2, "auto, pcm16, pcm24, pcm32 or float")
    refused(run("plan", "--rate", "44.1001k5"), 2)
    refused(run("plan", "--rate", "48000.5"), 2, "whole number")


@test
def options_that_exclude_each_other_are_refused():
    refused(run("plan", "x.wav", "--tick", "64"), 2, "add --live")
    refused(run("plan", "x.wav", "--live", "--tick", "96"), 2, "power of two")
    refused(run("plan", "x.wav", "--live", "--batch", "2"), 2, "--batch is for offline plans")
    refused(run("plan", "x.wav", "--min-partition", "512", "--max-partition", "64"), 2, "swap them")
    refused(run("render", "x.wav", "-o", "y.wav", "--ir", "z.wav", "--linear"), 2, "add --plot")


@test
def random_arguments_never_crash_the_program():
    r = random.Random(SEED)
    words = ["--json", "-q", "--live", "--tick", "64", "-1", "--wet", "-inf", "3dB", "--", "-", "", "--gain=", "--=x", "-oo",
             "-o", "--ir", "/", ".", "/dev/null", "\u00e9", "%s%n", "--plot", "--rate", "48k", "a" * 5000, "\x1b[2J", "-j", "1",
             "--help", "--d", "-d", "model:", "model:isa=zz", "model:,,=", "--board", "cynthion", "1e999dB", "--seed"]
    with tempfile.TemporaryDirectory() as here:
        for i in range(300):
            args = [r.choice(["render", "plan", "verify", "devices", "info", "help", "x"])]
            args += [r.choice(words) for _ in range(r.randrange(7))]
            code, _, err = run(*args, cwd=here)
            assert code in (0, 1, 2, 3), f"seed {SEED}, run {i}: {args} gave {code}: {err}"
            assert "\x1b" not in err, f"seed {SEED}, run {i}: a control character reached the terminal"
            assert code == 0 or err.startswith("nave: "), f"seed {SEED}, run {i}: {args}: {err!r}"


# ---- cards and plans ----------------------------------------------------------------------------------------------
@test
def the_c_card_is_always_listed_and_opens():
    devices = parse(run("devices", "--json")[1])["devices"]
    assert any(d["device"].startswith("model:") for d in devices)
    for d in devices:
        assert type(d["ram_bytes"]) is int and type(d["clock_hz"]) is int
        equal(run("info", "-d", d["device"])[0], 0)
    card = parse(run("info", "-d", "model:isa=c", "--json")[1])
    equal(card["card"]["isa"], "c")
    assert card["host"]["cores"] >= 1 and card["host"]["cpu"]
    for line in ("card ", "board ", "host "):
        assert line in run("info")[1]


@test
def unknown_cards_are_refused():
    for spec in ("usb:serial=none", "nonsense", "model:isa=zz", "model:board=zz", "model:what=1"):
        code, out, err = run("info", "-d", spec)
        assert code in (1, 2) and out == "" and err.startswith("nave: info: "), (spec, code, err)


@test
def units_mean_the_same_however_they_are_written():
    with Place() as p:
        def response_hash(*more):
            return parse(p.run("plan", "ir.wav", "--json", *more)[1])["response"]["hash"]
        equal(response_hash("--predelay", "20ms"), response_hash("--predelay", "0.02s"))
        equal(response_hash("--predelay", "20 MS"), response_hash("--predelay=20000us"))
        equal(response_hash("--gain", "-3dB"), response_hash("--gain", "-3"))
        equal(response_hash("--rate", "44.1kHz"), response_hash("-r", "44100"))
        assert response_hash("--gain", "-3dB") != response_hash()
        assert response_hash("--reverse") != response_hash()


@test
def a_plan_states_its_latency_memory_and_load():
    with Place() as p:
        for tick in (64, 256, 1024):
            plan = parse(p.run("plan", "ir.wav", "--live", "--tick", str(tick), "--board", "cynthion", "--json")[1])
            equal((plan["fits"], plan["mode"], plan["tick_frames"]), (True, "live", tick))
            assert abs(plan["latency_ms"] - 1e3 * plan["latency_frames"] / 48000) < 1e-6
            assert 0 < plan["worst_tick_cycles"] <= plan["budget_tick_cycles"]
            assert 0 < plan["load_average"] <= plan["load_peak"] + 1e-12 <= 1
            assert sum(t["partitions"] * t["partition_frames"] for t in plan["tiers"]) >= p.ir_frames
            assert 0 < plan["ram_bytes"] <= plan["board_ram_bytes"]
        text = p.run("plan", "ir.wav", "--live", "--board", "cynthion")[1]
        for line in ("latency ", "RAM ", "tiers ", "worst tick ", "load ", "bound ", "hash "):
            assert "\n" + line in text, line
        offline = parse(p.run("plan", "ir.wav", "--json")[1])
        equal((offline["mode"], offline["latency_frames"]), ("offline", 0))


@test
def a_plan_that_does_not_fit_exits_with_3_and_names_what_fits():
    with tempfile.TemporaryDirectory() as here:
        path = os.path.join(here, "long.wav")
        frames = 48000 * 90
        with wave.open(path, "wb") as w:
            w.setnchannels(2)
            w.setsampwidth(2)
            w.setframerate(48000)
            w.writeframes(b"\x01\x00\xff\xff" * frames)
        result = run("plan", path, "--board", "cynthion", "--live", "--json")
        refused(result, 3, "nave: plan: ")
        answer = parse(result[1])
        equal((answer["fits"], answer["error"]["code"]), (False, -7))
        assert len(answer["error"]["text"]) > 30


# ---- renders ------------------------------------------------------------------------------------------------------
@test
def a_render_is_whole_and_quiet_when_piped():
    with Place() as p:
        code, out, err = p.render()
        equal((code, err), (0, ""))
        equal(out.count("\n"), 1)
        rate, width, x = read_wav(p.at("out.wav"))
        equal((rate, width, len(x), len(x[0])), (48000, 2, 2, p.in_frames + p.ir_frames - 1))
        equal(p.names(), ["in.wav", "ir.wav", "out.wav", "out.wav.nave"])
        equal(p.render("-q")[:2], (0, ""))


@test
def json_of_a_render_holds_numbers():
    with Place() as p:
        code, out, err = p.render("--json", "--wet", "-6dB")
        equal((code, err), (0, ""))
        answer = parse(out)
        equal((answer["command"], answer["done"], answer["failed"]), ("render", 1, 0))
        f = answer["files"][0]
        equal((f["frames_in"], f["frames_out"]), (p.in_frames, p.in_frames + p.ir_frames - 1))
        for key in ("realtime", "peak_dbfs", "true_peak_dbtp", "loudness_lufs", "error_rms_dbfs", "seconds"):
            assert f[key] is None or isinstance(f[key], (int, float)), key
        assert f["error_rms_dbfs"] < -140, f["error_rms_dbfs"]
        for key in ("input_hash", "output_hash", "plan_hash", "ir_hash"):
            assert re.fullmatch("[0-9a-f]{64}", f[key]), key
        equal(os.path.basename(f["receipt"]), "out.wav.nave")


@test
def silence_gives_null_where_json_has_no_number():
    with Place() as p:
        write_wav(p.at("in.wav"), [[0.0] * 4000, [0.0] * 4000])
        f = parse(p.render("--json", "--no-dither")[1])["files"][0]
        equal((f["peak_dbfs"], f["loudness_lufs"]), (None, None))


@test
def an_impulse_gives_the_response_back():
    with Place() as p:
        write_wav(p.at("in.wav"), [[0.5 if n == 100 else 0.0 for n in range(500)]] * 2, width=4)
        equal(p.render("-f", "pcm32", "--no-dither")[0], 0)
        _, width, x = read_wav(p.at("out.wav"))
        _, _, h = read_wav(p.at("ir.wav"))
        equal(width, 4)
        for c in range(2):
            equal(len(x[c]), 500 + p.ir_frames - 1)
            error = max(abs(x[c][100 + n] - 0.5 * h[c][n]) for n in range(p.ir_frames))
            assert error < 2 ** -23, f"channel {c + 1} is {error} off"
            assert max(map(abs, x[c][:100])) < 2 ** -26


@test
def a_mono_file_goes_through_both_sides_of_a_stereo_response():
    with Place() as p:
        write_wav(p.at("in.wav"), [[0.5 if n == 100 else 0.0 for n in range(500)]], width=4)
        code, out, err = p.render("-f", "pcm32", "--no-dither", "--json")
        equal((code, err), (0, ""))
        assert parse(out)["files"][0]["error_rms_dbfs"] < -140
        _, _, x = read_wav(p.at("out.wav"))
        _, _, h = read_wav(p.at("ir.wav"))
        equal(len(x), 2)
        for c in range(2):
            assert max(abs(x[c][100 + n] - 0.5 * h[c][n]) for n in range(p.ir_frames)) < 2 ** -23, f"channel {c + 1}"


@test
def renders_repeat_bit_by_bit_and_without_simd():
    with Place() as p:
        answers = [parse(p.render("--json", "-f", "pcm24", *more, output=f"{i}.wav")[1])["files"][0]
                   for i, more in enumerate([(), (), ("-d", "model:isa=c"), ("--seed", "2")])]
        hashes = [a["output_hash"] for a in answers]
        equal(hashes[1], hashes[0])
        equal(hashes[2], hashes[0], "without SIMD")
        assert hashes[3] != hashes[0], "the seed of the dither changes nothing"


@test
def live_and_offline_plans_give_the_same_length():
    with Place() as p:
        equal(p.render(output="a.wav")[0], 0)
        equal(p.render("--live", "--tick", "128", output="b.wav")[0], 0)
        a, b = read_wav(p.at("a.wav"))[2], read_wav(p.at("b.wav"))[2]
        equal(len(a[0]), len(b[0]))
        assert max(abs(x - y) for x, y in zip(a[0], b[0])) <= 2.1 / 32768


@test
def tail_format_and_rate_follow_the_options():
    with Place() as p:
        for form, width in (("pcm16", 2), ("pcm24", 3), ("pcm32", 4)):
            equal(p.render("-f", form, "--no-tail", "--no-receipt", output=form + ".wav")[0], 0)
            rate, found, x = read_wav(p.at(form + ".wav"))
            equal((found, len(x[0])), (width, p.in_frames), form)
        assert not [n for n in p.names() if n.endswith(".nave")]
        write_wav(p.at("in.wav"), [noise(5000, 1)] * 2, rate=44100)
        f = parse(p.render("--json")[1])["files"][0]
        equal(f["rate_hz"], 44100)


@test
def odd_names_work_and_stay_valid_json():
    with Place() as p:
        for name in (b"with space.wav", b"-dash.wav", b'q"uote\\.wav', b"new\nline.wav", b"latin\xe9.wav", "tön.wav".encode()):
            shutil.copy(p.at("in.wav"), os.path.join(p.path.encode(), name))
            r = subprocess.run([NAVE.encode(), b"render", b"--json", b"-o", b"made/", b"--ir", b"ir.wav", b"--plot", b"made/",
                                b"--", name], cwd=p.path, capture_output=True)
            equal(r.returncode, 0, f"{name!r}: {r.stderr!r}")
            parse(r.stdout.decode("utf-8"))
            made = os.path.join(p.path.encode(), b"made", name)
            assert os.path.getsize(made) > 1000 and os.path.getsize(made[:-4] + b".png") > 1000, name


@test
def bad_inputs_fail_with_a_reason_and_leave_nothing():
    with Place() as p:
        whole = open(p.at("in.wav"), "rb").read()
        for name, data in (("junk.wav", b"junk" * 100), ("empty.wav", b""), ("cut.wav", whole[:30]),
                           ("text.wav", b"hello\n")):
            with open(p.at(name), "wb") as f:
                f.write(data)
        write_float_wav(p.at("nan.wav"), [0.1, float("nan"), 0.2] * 50)
        os.mkdir(p.at("dir.wav"))
        before = p.names()
        for name in ("junk.wav", "empty.wav", "cut.wav", "text.wav", "nan.wav", "dir.wav", "missing.wav"):
            result = p.render(source=name)
            refused(result, 1, "nave: render: ", name)
            equal(result[1], "")
            equal(p.names(), before, name)
        for name in ("junk.wav", "empty.wav", "cut.wav", "nan.wav", "dir.wav", "missing.wav"):
            code, out, err = p.render(ir=name)
            assert code in (1, 2) and out == "" and name in err, (name, code, err)
            equal(p.names(), before, name)


@test
def outputs_that_can_not_be_written_leave_nothing():
    with Place() as p:
        before = p.names()
        refused(p.render(output="no/such/out.wav"), 1, "no/such")
        refused(p.render(output="/proc/out.wav"), 1)
        code, out, err = p.render(output="out.unknown")
        assert code in (0, 1, 2), code
        if code:
            equal(p.names(), before)


@test
def an_output_stays_as_it_was_when_it_may_not_be_replaced():
    with Place() as p:
        with open(p.at("out.wav"), "wb") as f:
            f.write(b"precious")
        code, out, err = p.render("--no-overwrite")
        assert code != 0 and "out.wav" in err, (code, err)
        equal(open(p.at("out.wav"), "rb").read(), b"precious")
        equal(p.names(), ["in.wav", "ir.wav", "out.wav"])


@test
def a_file_is_never_its_own_output():
    with Place() as p:
        before = open(p.at("in.wav"), "rb").read()
        refused(p.render(output="in.wav"), 2, "both input and output")
        refused(p.render(output="."), 2, "both input and output")
        refused(p.render(output="ir.wav"), 2, "both response and output")
        refused(p.render("--plot", "in.wav"), 2, "plot would replace")
        refused(p.render("--plot", "out.wav"), 2, "plot would replace")
        os.symlink("in.wav", p.at("link.wav"))
        refused(p.render(output="link.wav"), 2, "both input and output")
        equal(open(p.at("in.wav"), "rb").read(), before)


@test
def one_bad_file_does_not_stop_the_others():
    with Place() as p:
        for name in "abcd":
            shutil.copy(p.at("in.wav"), p.at(name + ".wav"))
        with open(p.at("b.wav"), "wb") as f:
            f.write(b"junk")
        code, out, err = p.run("render", "a.wav", "b.wav", "c.wav", "d.wav", "-o", "wet", "--ir", "ir.wav", "--json", "-j", "2")
        equal(code, 1)
        answer = parse(out)
        equal((answer["done"], answer["failed"]), (3, 1))
        equal([f["ok"] for f in answer["files"]], [True, False, True, True])
        equal(sorted(os.listdir(p.at("wet"))), ["a.wav", "a.wav.nave", "c.wav", "c.wav.nave", "d.wav", "d.wav.nave"])
        assert "b.wav" in err and "1 of 4 files failed" in err
        whole = {f["output_hash"] for f in answer["files"] if f["ok"]}
        equal(len(whole), 1, "equal inputs, several threads: different outputs")


@test
def outputs_that_collide_are_refused_before_any_work():
    with Place() as p:
        os.mkdir(p.at("x"))
        shutil.copy(p.at("in.wav"), p.at("x/in.wav"))
        refused(p.run("render", "in.wav", "x/in.wav", "-o", "wet/", "--ir", "ir.wav"), 2, "would both become")
        with open(p.at("file"), "w") as f:
            f.write("x")
        refused(p.run("render", "in.wav", "x/in.wav", "-o", "file", "--ir", "ir.wav"), 2, "is a file")


@test
def plots_are_whole_png_files():
    with Place() as p:
        equal(p.render("--plot", "p.png")[0], 0)
        equal(p.render("--plot", "q.png", "--linear")[0], 0)
        for name in ("p.png", "q.png"):
            data = open(p.at(name), "rb").read()
            equal(data[:8], b"\x89PNG\r\n\x1a\n")
            equal(struct.unpack(">II", data[16:24]), (1600, 1100))
            equal(data[-8:-4], b"IEND")
        assert open(p.at("p.png"), "rb").read() != open(p.at("q.png"), "rb").read()
        refused(p.render("--plot", "no/such/p.png"), 1, "no/such/p.png")
        equal([n for n in p.names() if "part" in n], [])


@test
def a_full_disk_or_closed_pipe_is_an_error():
    with open("/dev/full", "wb") as full:
        refused(run("devices", stdout=full), 1, "standard output")


def long_input(path, seconds):
    block = array("h", [int(20000 * math.sin(0.05 * n)) for n in range(48000)]).tobytes()
    with wave.open(path, "wb") as w:
        w.setnchannels(1)
        w.setsampwidth(2)
        w.setframerate(48000)
        for _ in range(seconds):
            w.writeframes(block)


@test
def an_interrupted_render_leaves_no_half_file():
    with Place() as p:
        long_input(p.at("long.wav"), 600)
        write_wav(p.at("ir.wav"), [response(48000, 3)])
        before = p.names()
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([NAVE, "render", "long.wav", "-o", "out.wav", "--ir", "ir.wav", "-d", "model:isa=c",
                                        "--live", "--json"], cwd=p.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) # a job in the background ignores it
            begun = time.monotonic()
            while p.names() == before and process.poll() is None and time.monotonic() - begun < 20:
                time.sleep(0.01)
            assert process.poll() is None, "the render ended before it could be interrupted"
            process.send_signal(number)
            out, err = process.communicate(timeout=30)
            equal(process.returncode, 130)
            assert b"interrupted" in err, err
            equal(parse(out.decode())["done"], 0)
            equal(p.names(), before)


@test
def progress_is_drawn_on_a_terminal_only():
    with Place() as p:
        long_input(p.at("long.wav"), 60)
        write_wav(p.at("ir.wav"), [response(20000, 3)])
        master, slave = pty.openpty()
        process = subprocess.Popen([NAVE, "render", "long.wav", "-o", "out.wav", "--ir", "ir.wav", "-d", "model:isa=c"],
                                   cwd=p.path, stdout=subprocess.PIPE, stderr=slave, env={**os.environ, "TERM": "xterm"})
        os.close(slave)
        drawn = b""
        try:
            while chunk := os.read(master, 4096):
                drawn += chunk
        except OSError:
            pass
        os.close(master)
        out, _ = process.communicate(timeout=60)
        equal(process.returncode, 0)
        assert re.search(rb"render \[#*\.*\] +\d+ %", drawn), drawn[-200:]
        assert drawn.endswith(b"\r\x1b[K"), "the bar stays on the screen"
        assert b"\x1b" not in out
        equal(p.render(source="long.wav")[2], "")


# ---- verification, selftest, bench, documents ---------------------------------------------------------------------
@test
def a_receipt_says_identical_or_shows_the_difference():
    with Place() as p:
        equal(p.render()[0], 0)
        code, out, err = p.run("verify", "out.wav.nave")
        equal((code, err), (0, ""))
        assert "identical" in out
        equal(parse(p.run("verify", "out.wav.nave", "--json")[1])["identical"], True)
        data = bytearray(open(p.at("out.wav"), "rb").read())
        frame, channel = 4321, 1
        at = data.index(b"data") + 8 + 4 * frame + 2 * channel
        data[at] ^= 1
        with open(p.at("out.wav"), "wb") as f:
            f.write(data)
        result = p.run("verify", "out.wav.nave")
        refused(result, 4)
        assert f"frame {frame}" in result[1] + result[2], result
        answer = parse(p.run("verify", "out.wav.nave", "--json")[1])
        r = answer["receipts"][0]
        equal((answer["identical"], r["identical"], r["first_difference_frame"], r["first_difference_channel"],
               r["differing_samples"]), (False, False, frame, channel, 1))


@test
def a_receipt_notices_another_input_or_response():
    with Place() as p:
        equal(p.render()[0], 0)
        write_wav(p.at("in.wav"), [noise(p.in_frames, 8), noise(p.in_frames, 9)])
        refused(p.run("verify", "out.wav.nave"), 4)
        os.unlink(p.at("in.wav"))
        assert p.run("verify", "out.wav.nave")[0] in (1, 4)
        refused(p.run("verify", "missing.nave"), 1, "missing.nave")
        with open(p.at("junk.nave"), "w") as f:
            f.write("junk\n")
        code, _, err = p.run("verify", "junk.nave")
        assert code in (1, 2) and "junk.nave" in err, (code, err)


@test
def several_receipts_are_all_checked():
    with Place() as p:
        equal(p.render(output="a.wav")[0], 0)
        equal(p.render(output="b.wav")[0], 0)
        code, out, _ = p.run("verify", "a.wav.nave", "missing.nave", "b.wav.nave", "--json")
        equal(code, 1)
        equal([r["identical"] for r in parse(out)["receipts"]], [True, False, True])


@test
def the_selftest_passes_and_counts_its_checks():
    code, out, err = run("selftest", "--json", timeout=300)
    equal((code, err), (0, ""))
    answer = parse(out)
    equal(answer["failed"], 0, [c for c in answer["checks"] if not c["ok"]])
    equal(answer["passed"], len(answer["checks"]))
    assert answer["passed"] >= 25
    code, out, _ = run("selftest", "-d", "model:board=cynthion,isa=c", timeout=300)
    equal((code, out.strip().split("\n")[-1].split(",")[1]), (0, " 0 failed"), out)


@test
def bench_gives_a_line_for_each_mode():
    code, out, err = run("bench", "--audio", "200ms", "-n", "1", "--json", timeout=300)
    equal((code, err), (0, ""))
    runs = parse(out)["runs"]
    equal([(r["response_s"], r["mode"]) for r in runs],
          [(s, m) for s in (1, 5) for m in ("offline", "live", "live", "live")])
    equal([r["tick_frames"] for r in runs if r["mode"] == "live"], [64, 256, 1024] * 2)
    for r in runs:
        assert r["realtime"] > 0 and r["cpu_ns_per_frame"] > 0
        equal(r["worst_call_s"] is None, r["mode"] == "offline")


# ---- chains -------------------------------------------------------------------------------------------------------
CHAIN = """nave-chain 1
[reverb]
response = ir.wav ; send = -12 dB ; dry = 0 dB
[eq]
bell 1 = 250 Hz, -2.5 dB, Q 1.2
[dynamics]
crossover 1 = 500 Hz
band 1 threshold = -30 dB ; band 1 ratio = 4:1 ; band 1 side-chain = external
band 2 threshold = -30 dB
[limiter]
ceiling = -3 dBTP
[automation]
reverb.send = 0 s -inf dB, 0.1 s -6 dB linear
dynamics.band 2 threshold = 20 ms -30 dB, 100 ms -50 dB linear
"""


def write_text(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


@test
def a_chain_is_checked_shown_and_its_faults_are_named_by_line_and_column():
    with Place() as p:
        write_text(p.at("a.chain"), CHAIN)
        code, out, err = p.run("chain", "check", "a.chain", "--json")
        equal((code, err), (0, ""))
        r = parse(out)
        equal([s["name"] for s in r["stages"]], ["reverb", "eq + dynamics + limiter"])
        equal(r["latency_frames"], sum(s["latency_frames"] for s in r["stages"]))
        code, shown, err = p.run("chain", "show", "a.chain")
        equal(code, 0, err)
        write_text(p.at("b.chain"), shown)
        equal(p.run("chain", "show", "b.chain")[1], shown)
        equal(parse(p.run("chain", "check", "b.chain", "--json")[1])["hash"], r["hash"])
        live = parse(p.run("chain", "check", "a.chain", "--json", "--live", "--tick", "128")[1])
        equal(live["latency_frames"], r["latency_frames"] + 256)
        write_text(p.at("bad.chain"), CHAIN.replace("ceiling", "cieling"))
        refused(p.run("chain", "check", "bad.chain"), 1, "bad.chain:11:1:", "did you mean 'ceiling'")
        refused(p.run("render", "in.wav", "-o", "out.wav", "--chain", "bad.chain"), 1, "bad.chain:11:1:")
        refused(p.run("chain", "check", "none.chain"), 1, "none.chain")
        refused(p.run("chain", "chek", "a.chain"), 2, "did you mean 'nave chain check'")
        refused(p.run("chain", "check"), 2, "FILE is missing")
        refused(p.run("chain", "check", "--preset", "brickwal"), 2, "did you mean 'brickwall'")


@test
def every_preset_is_a_chain_that_renders():
    with Place(in_frames=2000) as p:
        presets = parse(p.run("chain", "presets", "--json")[1])["presets"]
        assert len(presets) >= 8 and "neutral" in [x["name"] for x in presets]
        for x in presets:
            code, out, err = p.run("render", "in.wav", "-o", "out.wav", "--preset", x["name"], "--json", "--no-dither")
            equal(code, 0, err)
            f = parse(out)["files"][0]
            equal((f["frames_in"], f["frames_out"]), (2000, 2000), x["name"])
            if x["name"] == "neutral":
                equal(f["output_hash"], f["input_hash"])


@test
def a_chain_renders_in_line_with_its_input_and_its_receipt_is_verified():
    with Place() as p:
        write_text(p.at("a.chain"), CHAIN)
        write_wav(p.at("key.wav"), [noise(4000, 9)])
        refused(p.run("render", "in.wav", "-o", "out.wav", "--chain", "a.chain"), 2, "band 1", "side-chain")
        run = ["render", "in.wav", "-o", "out.wav", "--chain", "a.chain", "--side-chain", "key.wav"]
        code, out, err = p.run(*run, "--plot", "out.png")
        equal(code, 0, err)
        equal([n for n in p.names() if n.startswith("out")], ["out.png", "out.wav", "out.wav.nave"])
        equal(len(read_wav(p.at("out.wav"))[2][0]), 6000 + 3000 - 1)
        assert max(abs(v) for c in read_wav(p.at("out.wav"))[2] for v in c) <= 10 ** (-3 / 20)
        code, out, err = p.run("verify", "out.wav.nave")
        equal(code, 0, err)
        assert "identical" in out
        equal(p.run(*[x if x != "out.wav" else "again.wav" for x in run], "--device", "model:isa=c")[0], 0)
        equal(read_wav(p.at("again.wav")), read_wav(p.at("out.wav")))
        text = open(p.at("out.wav.nave"), encoding="utf-8").read()
        write_text(p.at("changed.nave"), text.replace("-12 dB", "-11 dB"))
        refused(p.run("verify", "changed.nave"), 4, "the chain was changed")
        write_wav(p.at("ir.wav"), [response(3000, 5), response(3000, 4)])
        refused(p.run("verify", "out.wav.nave"), 4, "a response of the chain was changed")
        write_wav(p.at("ir.wav"), [response(3000, 3), response(3000, 4)])
        write_wav(p.at("key.wav"), [noise(4000, 10)])
        refused(p.run("verify", "out.wav.nave"), 4, "side-chain")


@test
def a_fade_of_the_reverb_goes_in_steps_of_128_frames_at_stated_frames():
    with Place() as p:
        write_wav(p.at("one.wav"), [[32767 / 32768]])
        write_wav(p.at("in.wav"), [[0.5] * 9600])
        write_text(p.at("a.chain"), "nave-chain 1\n[limiter]\n[reverb]\nresponse = one.wav\n[automation]\n"
                   "reverb.send = 0 s -inf dB, 100 ms 0 dB linear, 150 ms -6 dB\n")
        equal(p.run("render", "in.wav", "-o", "out.wav", "--chain", "a.chain", "--no-dither", "-q")[0], 0)
        out = read_wav(p.at("out.wav"))[2][0]
        equal(len(out), 9600)
        for n, v in enumerate(out):
            gain = n // 128 * 128 / 4800 if n < 4800 else 1 if n < 7200 else 10 ** (-6 / 20)
            assert abs(v - 0.5 * gain) < 2 / 32768, (n, v, 0.5 * gain)


@test
def a_chain_takes_its_response_from_the_command_line_and_refuses_what_it_has_no_use_for():
    with Place() as p:
        write_text(p.at("a.chain"), "nave-chain 1\n[reverb]\n")
        equal(p.run("render", "in.wav", "-o", "out.wav", "--chain", "a.chain", "--ir", "ir.wav")[0], 0)
        equal(p.render("-q", output="plain.wav")[0], 0)
        equal(read_wav(p.at("out.wav")), read_wav(p.at("plain.wav")))
        refused(p.run("render", "in.wav", "-o", "out.wav", "--chain", "a.chain"), 2, "has no response")
        refused(p.run("render", "in.wav", "-o", "x.wav", "--preset", "vocal", "--ir", "ir.wav"), 2, "no [reverb]")
        refused(p.run("render", "in.wav", "-o", "x.wav", "--preset", "vocal", "--wet", "-3"), 2, "[reverb]")
        refused(p.run("render", "in.wav", "-o", "x.wav", "--ir", "ir.wav", "--side-chain", "in.wav"), 2, "--chain")
        refused(p.run("render", "in.wav", "-o", "x.wav", "--preset", "vocal", "--chain", "a.chain"), 2, "two chains")
        refused(p.run("render", "in.wav", "-o", "a.chain", "--chain", "a.chain", "--ir", "ir.wav"), 2, "both chain and")
        assert "x.wav" not in p.names()


@test
def manual_and_completions_are_made_from_the_present_tables():
    r = subprocess.run([os.path.join(ROOT, "scripts", "gen", "gen_cli_docs"), "--check"], capture_output=True, text=True,
                       env={**os.environ, "NAVE": NAVE})
    equal(r.returncode, 0, r.stderr)
    manual = run("help", "--man")[1].replace("\\-", "-")
    bash = run("help", "--bash")[1]
    for command in COMMANDS:
        for option in re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", run(command, "--help")[1], re.M):
            assert f"\\fB{option}\\fR" in manual and option in bash, option


def main():
    if not os.access(NAVE, os.X_OK):
        sys.exit(f"check_cli: {NAVE} is missing: build it with make, or name the program in NAVE.")
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


if __name__ == "__main__":
    sys.exit(main())
