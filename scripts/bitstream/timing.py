"""The timing report of nextpnr: clocks, crossings, pins, use. Nothing is left out: a path between two clocks has a limit, and
a path from or to a pin too. SPDX-License-Identifier: ISC"""
import json
import re

# A crossing carries gray pointers (rtl/stream/cdc_fifo.v), or single levels: its longest path, and with it the skew between the
# bits of a pointer, stays below a period of the faster clock.
CROSSING_NS = 8.33
# ULPI, the FPGA driving the clock: the PHY's outputs are valid 6 ns behind its clock, which leaves the FPGA some 3.5 ns behind the
# registers' edge less the phase (1.67 ns); it wants its inputs 3 ns before. 0.5 ns of board each way, period 16.67 ns.
ULPI_IN_NS = 16.67 - (3.5 - 1.67) - 6 - 0.5
ULPI_OUT_NS = 16.67 + (3.5 - 1.67) - 3 - 0.5


def clock_name(text):
    return "core" if "core" in text else "usb" if "usb" in text else "ulpi" if "ulpi" in text or "phy" in text else \
        "sdram" if "sdram" in text else text


class Report:
    def __init__(self, path, log):
        with open(path) as f:
            report = json.load(f)
        self.fmax, self.required, self.crossings, self.pins = {}, {}, {}, {}
        for net, value in report["fmax"].items():
            name = clock_name(net)
            self.fmax[name] = round(value["achieved"], 2)
            self.required[name] = round(value["constraint"], 2)
        for path_ in report["critical_paths"]:
            ends = [path_["from"], path_["to"]]
            names = ["pin" if e == "<async>" else ("" if e.startswith("posedge") else "!") + clock_name(e) for e in ends]
            delay = round(sum(step["delay"] for step in path_["path"]), 2)
            if "pin" in names:
                self.pins[" > ".join(names)] = delay
            elif names[0] != names[1] and names[0].strip("!") != names[1].strip("!"):
                self.crossings[" > ".join(names)] = delay
        used = report["utilization"]
        self.use = {ours: [used[theirs]["used"], used[theirs]["available"]] for ours, theirs in (
            ("LUT", "TRELLIS_COMB"), ("FF", "TRELLIS_FF"), ("DSP", "MULT18X18D"), ("EBR", "DP16KD"))}
        with open(log) as f:
            self.warnings = re.findall(r"^Warning: .*$", f.read(), re.M)

    def faults(self, margin):
        bad = ["%s %.1f of %.1f MHz" % (n, self.fmax[n], self.required[n] * (1 + margin / 100)) for n in sorted(self.fmax)
               if self.fmax[n] < self.required[n] * (1 + margin / 100)]
        bad += ["crossing %s takes %.2f ns" % c for c in sorted(self.crossings.items()) if c[1] > CROSSING_NS]
        bad += ["%s takes %.2f ns" % p for p in sorted(self.pins.items()) if p[0] == "pin > usb" and p[1] > ULPI_IN_NS]
        bad += ["%s takes %.2f ns" % p for p in sorted(self.pins.items()) if p[0] == "usb > pin" and p[1] > ULPI_OUT_NS]
        return bad

    def slack(self, margin):
        """How far the worst clock is from its aim, as a fraction."""
        return min(self.fmax[n] / (self.required[n] * (1 + margin / 100)) for n in self.fmax)

    def line(self):
        return ", ".join("%s %.1f of %.1f MHz" % (n, self.fmax[n], self.required[n]) for n in sorted(self.fmax)) + \
            "; crossings %s; pins %s" % (self.crossings, self.pins)
