#!/usr/bin/env python3
"""Builds the firmware of the card's core: C -> rtl/card/firmware.hex, firmware_high.hex (code) and firmware_data.hex.
SPDX-License-Identifier: ISC

usage: firmware.py [--check] [--out DIR] [--name NAME] [--list] [SOURCE.c ...]

Runs from the top of the source tree. Without sources: rtl/card/firmware/*.c and sim/model/plan_check.c. With sources:
those (and crt0.S, memory.c), for tests. --check builds and compares with what is there. --list prints the disassembly.

Refused: an instruction that the core does not have, code or data that does not fit, a .data section (nobody would
initialise it again after a reset), recursion or calls through pointers (the stack's depth could not be known)."""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile

FIRMWARE = "rtl/card/firmware"
LOW_WORDS, CODE_WORDS, DATA_WORDS = 2048, 2560, 1024
CLANG = ["clang-14", "--target=riscv32-unknown-elf", "-march=rv32im", "-mabi=ilp32", "-mno-relax"]
C_FLAGS = ["-std=c11", "-Oz", "-ffreestanding", "-nostdlib", "-Wall", "-Wextra", "-Werror", "-ffunction-sections", "-fdata-sections",
           "-fno-asynchronous-unwind-tables", "-DNAVE_FIRMWARE", "-I" + FIRMWARE, "-Isim/model", "-Idriver", "-Ihost/include"]
HAS = set("""lui auipc jal jalr beq bne blt bge bltu bgeu lb lh lw lbu lhu sb sh sw addi slti sltiu xori ori andi slli srli
srai add sub sll slt sltu xor srl sra or and mul mulhu""".split())


def fail(text):
    sys.exit("firmware.py: " + text)


def run(command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    except FileNotFoundError:
        fail("%s is missing: run scripts/setup test" % command[0])
    if done.returncode:
        fail("%s failed:\n%s" % (command[0], done.stderr))
    return done.stdout


def build(sources, directory):
    """Compiles and links; gives the name of the ELF file."""
    objects = []
    for source in [FIRMWARE + "/crt0.S"] + sources:
        base = os.path.join(directory, "%d_%s" % (len(objects), os.path.basename(source)))
        if source.endswith(".c"):
            assembly = run(CLANG + C_FLAGS + ["-S", source, "-o", "-"])
            # lld 14 does not relax: each call would be two instructions, though all code is within reach of one
            assembly = re.sub(r"^\tcall\t(\w+)(@plt)?", r"\tjal\t\1", assembly, flags=re.M)
            assembly = re.sub(r"^\ttail\t(\w+)(@plt)?", r"\tj\t\1", assembly, flags=re.M)
            source = base + ".s"
            with open(source, "w") as f:
                f.write(assembly)
        run(CLANG + ["-c", source, "-o", base + ".o"])
        objects.append(base + ".o")
    elf = os.path.join(directory, "firmware.elf")
    run(["ld.lld-14", "--gc-sections", "-X", "-T", FIRMWARE + "/link.ld", "-o", elf] + objects)
    return elf


def sections(elf):
    sizes = {}
    for line in run(["llvm-objdump-14", "-h", elf]).splitlines():
        at = re.match(r"\s*\d+\s+(\.\w+)\s+([0-9a-f]{8})", line)
        if at:
            sizes[at.group(1)] = int(at.group(2), 16)
    return sizes


def words(elf, section, count, directory):
    raw = os.path.join(directory, section[1:])
    run(["llvm-objcopy-14", "-O", "binary", "--only-section=" + section, elf, raw])
    data = open(raw, "rb").read() if os.path.exists(raw) else b""
    data += b"\0" * (4 * count - len(data))
    return "".join("%08x\n" % int.from_bytes(data[i:i + 4], "little") for i in range(0, 4 * count, 4))


def deepest_stack(disassembly):
    """Bytes of stack of the deepest chain of calls from _start; refuses what the core does not have."""
    frame, calls, function = {}, {}, None
    for line in disassembly.splitlines():
        head = re.match(r"([0-9a-f]+) <(.+)>:", line)
        if head:
            function = head.group(2)
            frame[function], calls[function] = 0, set()
            continue
        at = re.match(r"\s*[0-9a-f]+:\s+(\S+)\s*(.*)", line)
        if not at or function is None:
            continue
        name, operands = at.groups()
        if name not in HAS:
            fail("%s uses %s %s, which the core does not have" % (function, name, operands))
        grows = re.match(r"sp, sp, -(\d+)$", operands)
        if name == "addi" and grows:
            frame[function] += int(grows.group(1))
        elif re.match(r"sp, ", operands) and name not in ("addi", "lw", "sw", "lui") and not name.startswith("b"):
            fail("%s moves the stack by %s %s: keep its frame below 2048 bytes" % (function, name, operands))
        if name == "jalr" and operands.startswith("ra"):
            fail("%s calls through a pointer: the depth of the stack could not be known" % function)
        target = re.search(r"<([^>+]+)>", operands)
        if name == "jal" and target and (operands.startswith("ra") or target.group(1) != function):
            calls[function].add(target.group(1))

    def depth(name, chain):
        if name in chain:
            fail("%s calls itself: the depth of the stack could not be known" % name)
        return frame[name] + max([depth(c, chain + [name]) for c in calls[name]] + [0])
    return depth("_start", [])


arguments = argparse.ArgumentParser(usage=__doc__)
arguments.add_argument("sources", nargs="*")
arguments.add_argument("--check", action="store_true")
arguments.add_argument("--list", action="store_true")
arguments.add_argument("--out", default="rtl/card")
arguments.add_argument("--name", default="firmware")
a = arguments.parse_args()
if a.sources:
    # programs of tests/cosim/core shift 64-bit words: -Oz would call a function for it
    C_FLAGS[C_FLAGS.index("-Oz")] = "-Os"
    files = a.sources + [FIRMWARE + "/memory.c"]
else:
    files = sorted(glob.glob(FIRMWARE + "/*.c")) + ["sim/model/plan_check.c"]
with tempfile.TemporaryDirectory() as directory:
    elf = build(files, directory)
    size = sections(elf)
    disassembly = run(["llvm-objdump-14", "-d", "--mattr=+m", "-M", "no-aliases", "--no-show-raw-insn", elf])
    if a.list:
        print(run(["llvm-objdump-14", "-d", "--mattr=+m", elf]))
    stack = deepest_stack(disassembly)
    code, constant, variable = (size.get(s, 0) for s in (".text", ".rodata", ".bss"))
    if size.get(".data", 0):
        fail(".data holds %d bytes: make those variables constant, or set them in main" % size[".data"])
    if code > 4 * CODE_WORDS:
        fail("%d bytes of code, the code memory has %d" % (code, 4 * CODE_WORDS))
    if constant + variable + stack > 4 * DATA_WORDS:
        fail("%d bytes of constants, %d of variables and %d of stack, the data memory has %d" % (constant, variable, stack, 4 * DATA_WORDS))
    text = words(elf, ".text", CODE_WORDS, directory)
    made = {a.name + ".hex": text[:9 * LOW_WORDS], a.name + "_high.hex": text[9 * LOW_WORDS:],
            a.name + "_data.hex": words(elf, ".rodata", DATA_WORDS, directory)}
for name, text in made.items():
    path = os.path.join(a.out, name)
    if a.check:
        if not os.path.exists(path) or open(path).read() != text:
            fail("%s is not what its sources make: run make firmware" % path)
    else:
        os.makedirs(a.out, exist_ok=True)
        with open(path + ".new", "w") as f:
            f.write(text)
        os.replace(path + ".new", path)
if not a.check:
    print("%s: code %d of %d bytes, constants %d, variables %d, stack %d of %d" % (a.name, code, 4 * CODE_WORDS, constant,
          variable, stack, 4 * DATA_WORDS))
