#!/usr/bin/env python3
"""nave render as a user runs it: what comes out, and what is left when something goes wrong.
SPDX-License-Identifier: ISC"""
import math
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
import wave
from array import array
from cli import (
    equal, NAVE, noise, parse, Place, read_wav, refused, response, run, test, write_float_wav,
    write_wav, main)


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


if __name__ == "__main__":
    sys.exit(main())
