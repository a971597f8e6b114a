#!/usr/bin/env python3
"""From rtl/ to bitstreams/<board>: Yosys, nextpnr-ecp5 and ecppack from PyPI; seeds are tried until timing closes.
SPDX-License-Identifier: ISC

usage: bitstream.py build TOOLS WORK BOARD [--clock MHZ] [--seeds FROM-TO] [--margin PERCENT] [--set NAME=VALUE] [--out FOLDER]
       bitstream.py rebuild TOOLS WORK BOARD     once more as the manifest says; fails if the files differ from the committed ones
       bitstream.py synth TOOLS WORK             Yosys only, each board, the card itself as a box: what CI runs
       bitstream.py check                        manifests against rtl/ and their files: fails when rtl/ changed and they did not
       bitstream.py behind BOARD REASON          writes into the manifest that the files are older than rtl/, and why"""
import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import time

import netlist
import sources
import timing

# clocks: name, the PLL's dividers that give it, fastest first. margin and ULPI's budget: README.md
BOARDS = {
    "cynthion": {
        "top": "nave_cynthion", "package": "CABGA256", "speed": "6", "usb_port": "control",
        "devices": {"12f": ("12k", "LFE5U-12F", "0x21111043"), "25f": ("25k", "LFE5U-25F", "0x41111043")},
        "clocks": [(60 * v / c, {"VCO_DIV": v, "CORE_DIV": c}) for v, c in
                   ((10, 5), (11, 6), (9, 5), (7, 4), (12, 7), (10, 6), (8, 5), (11, 7), (9, 6), (10, 7), (8, 6), (9, 7), (10, 8), (7, 6), (8, 7))],
        "outputs": {"pll.site.CLKOP": "usb", "pll.site.CLKOS": "core", "pll.site.CLKOS2": "ulpi"},
        "lanes": 1, "ecppack": ["--compress", "--freq", "38.8"],
    },
    "ulx3s": {
        "top": "nave_ulx3s", "package": "CABGA381", "speed": "6", "usb_port": "ULPI module",
        "devices": {"85f": ("85k", "LFE5U-85F", "0x41113043")},
        "clocks": [(600 / c, {"CORE_DIV": c}) for c in (5, 6, 7, 8, 9, 10)],
        "outputs": {"core_pll.site.CLKOS": "core", "core_pll.site.CLKOS2": "sdram", "usb_pll.site.CLKOS": "usb", "usb_pll.site.CLKOS2": "ulpi"},
        "lanes": 2, "ecppack": ["--compress", "--freq", "62.0"],
    },
}
FOLDER = "bitstreams"
HISTORY = 40  # rows of the table that stay


def fail(text):
    sys.exit("bitstream: " + text)


def run(command, log):
    with open(log, "w") as f:
        status = subprocess.run(command, stdout=f, stderr=subprocess.STDOUT).returncode
    if status:
        fail("%s failed, see %s\n%s" % (os.path.basename(command[0]), log, open(log).read()[-1500:]))


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def manifest_path(board):
    return os.path.join(FOLDER, board, "manifest.json")


def write_json(path, value):
    with open(path + ".new", "w") as f:
        json.dump(value, f, indent=2)
        f.write("\n")
    os.replace(path + ".new", path)


def protocol_version():
    with open("rtl/link/protocol.vh") as f:
        return int(re.search(r"NAVE_PROTOCOL_VERSION\s*=?\s*32'h([0-9a-f]+)", f.read())[1], 16)


def tool_versions():
    with open("scripts/synth/requirements.txt") as f:
        return dict(line.strip().split("==") for line in f if "==" in line)


class Build:
    def __init__(self, tools, work, board, parameters):
        self.tools, self.board, self.facts = tools, board, BOARDS[board]
        self.parameters = dict(parameters)
        self.work = os.path.relpath(os.path.join(work, board))
        os.makedirs(self.work, exist_ok=True)
        os.environ["YOWASP_CACHE_DIR"] = os.path.abspath(os.path.join(work, "..", "synth", "cache"))

    def tool(self, name):
        return os.path.join(self.tools, "yowasp-" + name)

    def path(self, name):
        return os.path.join(self.work, name)

    def read(self, boxes=()):
        """Yosys commands that read the sources that the top needs, without what is not design in them."""
        top = self.facts["top"]
        files = sources.write_normal(top, self.path("src"), boxes)
        commands = ["read_verilog -defer -DNAVE_ECP5 -I%s %s" % (self.path("src"), " ".join(files))]
        given = " ".join("-chparam %s %s" % p for p in sorted(self.parameters.items()))
        return commands + ["hierarchy -top %s %s" % (top, given)]

    def synthesize(self):
        begin = time.time()
        script = self.read() + ["synth_ecp5 -top " + self.facts["top"], "write_json " + self.path("net.json")]
        run([self.tool("yosys"), "-Q", "-p", "; ".join(script)], self.path("yosys.log"))
        use, moved = netlist.use(self.path("net.json")), netlist.io_registers(self.path("net.json"))
        print("%s: Yosys %s, %d registers into their pins (%.0f s)" % (self.board, use, moved, time.time() - begin), flush=True)
        return use

    def place(self, device, seed):
        """Routes with one seed; what the timing report says, without a verdict."""
        begin = time.time()
        base = self.path("%s_%s" % (device, seed))
        run([self.tool("nextpnr-ecp5"), "--" + device, "--package", self.facts["package"], "--speed", self.facts["speed"],
             "--json", self.path("net.json"), "--lpf", "rtl/board/%s.lpf" % self.board, "--seed", str(seed),
             "--textcfg", base + ".config", "--report", base + ".report.json", "--detailed-timing-report", "--timing-allow-fail",
             "--log", base + ".log"], base + ".out")
        phase = -self.parameters.get("ULPI_EARLY", 2) / 8 * timing.PERIOD_NS
        names = netlist.clock_names(self.path("net.json"), self.facts["outputs"])
        report = timing.Report(base + ".report.json", base + ".log", names, phase)
        print("%s: %s seed %s: %s (%.0f s)" % (self.board, device, seed, report.line(), time.time() - begin), flush=True)
        return report

    def pack(self, device, seed, idcode, out):
        run([self.tool("ecppack"), *self.facts["ecppack"], "--idcode", idcode, self.path("%s_%s.config" % (device, seed)), out],
            self.path("ecppack.log"))


def clock_of(board, mhz):
    """The fastest clock that is not above mhz."""
    for clock, parameters in sorted(BOARDS[board]["clocks"], key=lambda c: -c[0]):
        if clock <= mhz + 0.01:
            return clock, parameters
    fail("no clock of %s is as slow as %g MHz" % (board, mhz))


def write_files(build, seed, out):
    """All files of the board from one routed design: parts of one die differ by their id only."""
    files = {}
    os.makedirs(out, exist_ok=True)
    first = next(iter(build.facts["devices"].values()))[0]
    for name, (_, part, idcode) in build.facts["devices"].items():
        file = "nave-%s.bit" % name
        build.pack(first, seed, idcode, os.path.join(out, file))
        files[file] = {"part": part, "idcode": idcode, "bytes": os.path.getsize(os.path.join(out, file)),
                       "sha256": sha256(os.path.join(out, file))}
    return files


def build(a):
    facts = BOARDS[a.board]
    clock, parameters = clock_of(a.board, a.clock)
    parameters = dict(parameters, LANES=facts["lanes"])
    parameters.update(s.split("=") for s in a.set)
    parameters = {name: int(value) for name, value in parameters.items()}
    design = Build(a.tools, a.work, a.board, parameters)
    before = sources.digest(facts["top"], a.board)
    design.synthesize()
    device = next(iter(facts["devices"].values()))[0]
    first, last = (int(n) for n in a.seeds.split("-"))
    best = None
    for seed in range(first, last + 1):
        report = design.place(device, seed)
        if best is None or report.slack(a.margin) > best[1].slack(a.margin):
            best = seed, report
        if not report.faults(a.margin):
            break
    seed, report = best
    faults = report.faults(a.margin)
    if faults:
        fail("no seed of %s closes at %.2f MHz with %g %% to spare; the best is seed %d: %s\n  next: --clock %.1f, or more seeds" % (
            a.board, clock, a.margin, seed, "; ".join(faults), report.fmax["core"] / (1 + a.margin / 100)))
    if sources.digest(facts["top"], a.board) != before:
        fail("rtl/ changed while this ran: run it again")
    out = a.out or os.path.join(FOLDER, a.board)
    files = write_files(design, seed, out)
    manifest = {
        "board": a.board, "rtl_sha256": before, "built_from_sha256": before, "protocol": protocol_version(),
        "lanes": parameters["LANES"], "clock_hz": round(clock * 1e6), "speed_grade": int(facts["speed"]),
        "usb_port": "aux" if parameters.get("AUX") else facts["usb_port"], "parameters": parameters, "seed": seed,
        "tools": tool_versions(), "required_mhz": report.required, "fmax_mhz": report.fmax, "margin_percent": a.margin,
        "crossings_ns": report.crossings, "pins_ns": report.pins, "use": report.use, "files": files,
    }
    write_json(os.path.join(out, "manifest.json"), manifest)
    if not a.out:
        history(manifest)
    print("%s: %.2f MHz, seed %d, %s" % (a.board, clock, seed, ", ".join(sorted(files))))
    return 0


def history(m):
    """One row for each build at the end of the page's table."""
    page = os.path.join(FOLDER, "README.md")
    with open(page) as f:
        text = f.read()
    use = m["use"]
    row = "| %s | %s | %s | %d | %.1f | %.1f | %.1f | %s | %s | %s | %s |\n" % (
        time.strftime("%Y-%m-%d", time.gmtime()), m["board"], m["built_from_sha256"][:8], m["lanes"], m["clock_hz"] / 1e6, m["fmax_mhz"]["core"],
        m["fmax_mhz"]["usb"], *("%s of %s" % tuple(use[k]) for k in ("LUT", "FF", "DSP", "EBR")))
    begin, end = "<!-- history -->\n", "<!-- end -->\n"
    at = text.index(begin) + len(begin)
    rows = text[at:text.index(end, at)].splitlines(True)
    rows = rows[:2] + (rows[2:] + [row])[-HISTORY:]
    with open(page + ".new", "w") as f:
        f.write(text[:at] + "".join(rows) + text[text.index(end, at):])
    os.replace(page + ".new", page)


def load_manifest(board):
    try:
        with open(manifest_path(board)) as f:
            return json.load(f)
    except (OSError, ValueError) as e:
        fail("%s: %s; make bitstream BOARD=%s writes it" % (manifest_path(board), e, board))


def rebuild(a):
    m = load_manifest(a.board)
    if sources.digest(BOARDS[a.board]["top"], a.board) != m["built_from_sha256"]:
        fail("rtl/ is not what %s was built from: check out the commit that wrote it" % manifest_path(a.board))
    if tool_versions() != m["tools"]:
        fail("the tools are not those of %s" % manifest_path(a.board))
    design = Build(a.tools, a.work, a.board, m["parameters"])
    design.synthesize()
    design.place(next(iter(BOARDS[a.board]["devices"].values()))[0], m["seed"])
    made = write_files(design, m["seed"], os.path.join(design.work, "again"))
    bad = [f for f in m["files"] if made.get(f, {}).get("sha256") != m["files"][f]["sha256"]]
    for f in bad:
        print("FAIL %s is another file than the committed one" % f)
    print("%d passed, %d failed" % (len(m["files"]) - len(bad), len(bad)))
    return 1 if bad else 0


def check(a):
    passed = failed = 0

    def verdict(good, text):
        nonlocal passed, failed
        passed, failed = passed + bool(good), failed + (not good)
        if not good:
            print("FAIL " + text)

    for board, facts in sorted(BOARDS.items()):
        m = load_manifest(board)
        verdict(m["rtl_sha256"] == sources.digest(facts["top"], board),
                "rtl/ changed and %s did not: make bitstream BOARD=%s, or, where the bitstream may stay behind,\n"
                "  python3 scripts/bitstream/bitstream.py behind %s 'the reason'" % (manifest_path(board), board, board))
        verdict(m["rtl_sha256"] == m["built_from_sha256"] or m.get("behind"),
                "%s is behind rtl/ and doesn't say why" % manifest_path(board))
        verdict(m["built_from_sha256"] != m["rtl_sha256"] or m["protocol"] == protocol_version(),
                "%s has another protocol than rtl/link" % manifest_path(board))
        for clock in ("core", "usb"):
            verdict(m["fmax_mhz"][clock] >= m["required_mhz"][clock] * (1 + m["margin_percent"] / 100),
                    "%s: %s clock does not close" % (board, clock))
        for file, facts_of in sorted(m["files"].items()):
            path = os.path.join(FOLDER, board, file)
            verdict(os.path.exists(path) and sha256(path) == facts_of["sha256"], "%s is not the file of the manifest" % path)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


def behind(a):
    m = load_manifest(a.board)
    m["rtl_sha256"] = sources.digest(BOARDS[a.board]["top"], a.board)
    m.pop("behind", None)
    if m["rtl_sha256"] != m["built_from_sha256"]:
        m["behind"] = a.reason
    write_json(manifest_path(a.board), m)
    return 0


def synth(a):
    """Tops, USB, RAM controllers, primitives of each board: they read, synthesize and name pins that the .lpf has."""
    passed = failed = 0
    for board in sorted(BOARDS):
        design = Build(a.tools, a.work, board, {})
        begin = time.time()
        script = design.read(boxes=["nave_card"]) + ["synth_ecp5 -noabc9 -top " + BOARDS[board]["top"], "check -assert",
                                                     "write_json " + design.path("board.json")]
        run([design.tool("yosys"), "-Q", "-p", "; ".join(script)], design.path("board.log"))
        missing, unknown = netlist.pins(design.path("board.json"), BOARDS[board]["top"], "rtl/board/%s.lpf" % board)
        for text in ["pin %s has no place" % p for p in missing] + ["%s is no pin of the top" % p for p in unknown]:
            print("FAIL %s: %s" % (board, text))
        bad = bool(missing or unknown)
        passed, failed = passed + (not bad), failed + bad
        print("%s without the card: %s (%.0f s)" % (board, netlist.use(design.path("board.json")), time.time() - begin), flush=True)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = p.add_subparsers(dest="command", required=True)
    for name, function in (("build", build), ("rebuild", rebuild), ("synth", synth), ("check", check), ("behind", behind)):
        c = commands.add_parser(name)
        c.set_defaults(run=function)
        if name in ("build", "rebuild", "synth"):
            c.add_argument("tools")
            c.add_argument("work")
        if name in ("build", "rebuild", "behind"):
            c.add_argument("board", choices=sorted(BOARDS))
        if name == "behind":
            c.add_argument("reason")
        if name == "build":
            c.add_argument("--clock", type=float, default=120)
            c.add_argument("--seeds", default="1-8")
            c.add_argument("--margin", type=float, default=5)
            c.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
            c.add_argument("--out")
    a = p.parse_args()
    return a.run(a)


if __name__ == "__main__":
    sys.exit(main())
