#!/usr/bin/env python3
"""The program's commands as a user meets them: help, faults of usage, cards, plans, verification, documents.
SPDX-License-Identifier: ISC"""
import os
import random
import re
import sys
import tempfile
import wave
from cli import COMMANDS, equal, noise, parse, Place, refused, response, run, SEED, test, write_wav, main


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


if __name__ == "__main__":
    sys.exit(main())
