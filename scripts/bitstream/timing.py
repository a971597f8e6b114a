"""The timing report of nextpnr: clocks, crossings, pins, use. Nothing is left out: a path between two clocks has a limit, and
a path from or to a pin too. SPDX-License-Identifier: ISC"""
import json
import re

# A crossing carries gray pointers (rtl/stream/cdc_fifo.v), or single levels: its longest path, and with it the skew between the
# bits of a pointer, stays below a period of the faster clock.
CROSSING_NS = 8.33
# ULPI, the FPGA driving the clock: the PHY's outputs are valid 6 ns behind its clock and it wants its inputs 3 ns before (ULPI 1.1,
# input clock). 0.5 ns of board each way. What nextpnr does not count: 1.2 ns of a pin inwards, 3.5 ns outwards, the clock's too.
PERIOD_NS, BOARD_NS, IN_NS, OUT_NS, PHY_OUT_NS, PHY_IN_NS = 16.67, 0.5, 1.2, 3.5, 6, 3


def ulpi_limits(phase_ns):
    """From pin to register, from register to pin; phase_ns: the PHY's clock against the registers', late is positive."""
    at_phy = OUT_NS + phase_ns + BOARD_NS
    return PERIOD_NS - at_phy - PHY_OUT_NS - BOARD_NS - IN_NS, PERIOD_NS + at_phy - OUT_NS - BOARD_NS - PHY_IN_NS


class Report:
    def __init__(self, path, log, clock_name, phase_ns):
        self.limits = dict(zip(("pin > usb", "usb > pin"), ulpi_limits(phase_ns)))
        with open(path) as f:
            report = json.load(f)
        self.fmax, self.required, self.crossings, self.pins = {}, {}, {}, {}
        for net, value in report["fmax"].items():
            name = clock_name(net)
            self.fmax[name] = round(value["achieved"], 2)
            self.required[name] = round(value["constraint"], 2)
        for path_ in report["critical_paths"]:
            ends = [path_["from"], path_["to"]]
            names = ["pin" if e == "<async>" else ("" if e.startswith("posedge") else "!") + clock_name(e.split()[-1]) for e in ends]
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
        bad += ["%s takes %.2f of %.2f ns" % (p[0], p[1], self.limits[p[0]]) for p in sorted(self.pins.items())
                if p[0] in self.limits and p[1] > self.limits[p[0]]]
        return bad

    def slack(self, margin):
        """How far the worst clock is from its aim, as a fraction."""
        return min(self.fmax[n] / (self.required[n] * (1 + margin / 100)) for n in self.fmax)

    def line(self):
        return ", ".join("%s %.1f of %.1f MHz" % (n, self.fmax[n], self.required[n]) for n in sorted(self.fmax)) + \
            "; crossings %s; pins %s" % (self.crossings, self.pins)
