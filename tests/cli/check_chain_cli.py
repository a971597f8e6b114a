#!/usr/bin/env python3
"""Chains on the command line.
SPDX-License-Identifier: ISC"""
import os
import re
import subprocess
import sys
from cli import (
    COMMANDS, equal, NAVE, noise, parse, Place, read_wav, refused, response, ROOT, run, test, write_wav,
    main)


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


if __name__ == "__main__":
    sys.exit(main())
