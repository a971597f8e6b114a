#!/usr/bin/env python3
"""Plants faults in the card's firmware, one at a time: the test must see each.
SPDX-License-Identifier: ISC

usage: faults.py BUILD COMPILER... -- LINKER...   (COMPILER ends with -c, LINKER has all objects). NAVE_FAULT: a part of
the names of those to plant."""
import os
import subprocess
import sys

SOURCE = "rtl/card/firmware/"
FAULTS = [
    ("an inverse reads the mix before the last one's words are there", "sequencer.c",
     "    wait_for(NAVE_E_WRITER_IDLE);\n    h_read(mix", "    h_read(mix"),
    ("the mode changes before the writer is idle", "sequencer.c", "NAVE_E_H_IDLE | NAVE_E_WRITER_IDLE | NAVE_E_OP_IDLE", "NAVE_E_H_IDLE | NAVE_E_OP_IDLE"),
    ("a tile of another size while the rings hold some", "sequencer.c", "if (f->pending.words != 2 * bins)", "if (0)"),
    ("results of a tile taken while the port has a job", "sequencer.c", "                    take_tile(&f->pending);", "                    settle(f);"),
    ("a tile finished only when the next was pushed", "sequencer.c", "uint32_t room = 2 * f->limits.max_batch;", "uint32_t room = 0;"),
    ("the shift of the oldest block", "sequencer.c", "top - e > 30", "top - e > 29"),
    ("a silent tile keeps its state", "sequencer.c", "                port_push(0);", "                port_push(1);"),
    ("an input block begins a partition late", "sequencer.c", "const uint32_t before = (now ? now : ring) - frames", "const uint32_t before = now"),
    ("slots of the input wrap one late", "sequencer.c", "slot -= slot >= t->slots ? t->slots : 0;", "slot -= slot > t->slots ? t->slots : 0;"),
    ("y of outputs that share it", "sequencer.c", "(r->shared ? 0 : output * t->batch) + block", "output * t->batch + block"),
    ("the mix ring's wrap", "sequencer.c", "2 * (frames - first) | NAVE_E_OF_OVERLAP", "2 * first | NAVE_E_OF_OVERLAP"),
    ("a tier's rows of another context", "command.c", "    f->rows.tier = 0;\n", ""),
    ("a step of the second batch before the first", "sequencer.c", "t->complete ? NAVE_E_PHASE_VALID : 0", "NAVE_E_PHASE_VALID"),
    ("the last 64 steps of a long plan", "sequencer.c", "at < c->steps_end;", "at + 8 * NAVE_FW_STEPS < c->steps_end;"),
    ("mix words stay after they left", "mix.c", "w_write(wet, 2 * tick | NAVE_E_OF_CONSTANT);", "w_write(wet, tick | NAVE_E_OF_CONSTANT);"),
    ("cleared before they were read", "mix.c", "    wait_for(NAVE_E_X_IDLE | NAVE_E_H_IDLE); /* what is cleared was read */\n", ""),
    ("limited words counted before all are", "mix.c", "    wait_for(NAVE_E_MIXER_IDLE); /* all that was limited is counted */\n", ""),
    ("a change holds a frame late", "mix.c", "g->next.frame <= frame", "g->next.frame < frame"),
    ("each channel takes the changes of the one before", "mix.c", "        nave_fw_copy_gains(&gains, &c->gains);\n", "        if (o == 0)\n            nave_fw_copy_gains(&gains, &c->gains);\n"),
    ("the tick runs before its audio is there", "context.c", "        wait_for(NAVE_E_WRITER_IDLE);\n        if (n < left)", "        if (n < left)"),
    ("a start keeps exponents", "context.c", "(uint32_t)c->inputs * t->slots);", "(uint32_t)t->slots);"),
    ("a list of changes that forgets where it begins", "context.c", "    g->first++;\n", ""),
    ("regions that touch count as overlapping", "command.c", "base < other->end", "base <= other->end"),
    ("regions may overlap", "command.c", "base < other->end && other->base < base + region", "0"),
    ("256 changes and one", "command.c", "c->gains.changes == NAVE_MAX_PENDING_PARAMS", "c->gains.changes > NAVE_MAX_PENDING_PARAMS"),
    ("position of a change", "command.c", "if (c->gains.changes && c->last_change > earliest)", "if (0)"),
]
build = sys.argv[1]
compiler, linker = " ".join(sys.argv[2:]).split(" -- ")
caught = missed = 0
for what, name, old, new in FAULTS:
    if os.environ.get("NAVE_FAULT", "") not in what:
        continue
    text = open(SOURCE + name).read()
    if text.count(old) != 1:
        print("FAIL %s: %s has %d places for it" % (what, name, text.count(old)))
        missed += 1
        continue
    source, program = os.path.join(build, "fault.c"), os.path.join(build, "fault")
    with open(source, "w") as f:
        f.write(text.replace(old, new))
    mine = "%s/fw_%s.o" % (build, name[:-2])
    subprocess.run(compiler.split() + ["-Wno-error", "-w", "-I" + SOURCE, "-iquote", SOURCE, source, "-o", build + "/fault.o"], check=True)
    subprocess.run([build + "/fault.o" if o == mine else o for o in linker.split()] + ["-o", program], check=True)
    try:
        seen = subprocess.run([program, "150"], stdout=subprocess.DEVNULL, timeout=300).returncode != 0
    except subprocess.TimeoutExpired:
        seen = True
    if seen:
        caught += 1
    else:
        missed += 1
        print("FAIL not seen: " + what)
print("%d passed, %d failed" % (caught, missed))
sys.exit(missed != 0)
