"""Which files a top needs, and one hash of what is design in them: no comment, no indentation, so that a word in a comment
neither asks for a new bitstream nor gives another one. SPDX-License-Identifier: ISC"""
import glob
import hashlib
import os
import re


def normal(text):
    """Verilog without comments, properties of proofs, indentation and empty lines; strings of this tree hold no comment marks."""
    text = re.sub(r"^`ifdef FORMAL\n.*?^`endif\n", "", text, flags=re.S | re.M)
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"//[^\n]*", "", text)
    return "".join(" ".join(line.split()) + "\n" for line in text.splitlines() if line.strip())


def needed(top, boxes=()):
    """Verilog, headers and tables that the module `top` reaches; modules named in boxes are not entered."""
    modules = {"nave_" + os.path.basename(f)[:-2]: f for f in sorted(glob.glob("rtl/*/*.v"))}
    headers = {os.path.basename(f): f for f in sorted(glob.glob("rtl/*/*.vh"))}
    verilog, others, todo = set(), set(), [top]
    while todo:
        name = todo.pop()
        path = modules.get(name) or headers.get(name)
        if path is None or path in verilog or path in others:
            continue
        (verilog if path.endswith(".v") else others).add(path)
        if name in boxes:
            continue
        with open(path) as f:
            text = normal(f.read())
        todo += re.findall(r"\bnave_\w+", text) + re.findall(r'`include "([^"]+)"', text)
        others.update(t for t in re.findall(r'"(rtl/[^"]+\.hex)"', text))
    return sorted(verilog), sorted(others)


def digest(top, board):
    verilog, others = needed(top)
    h = hashlib.sha256()
    for path in verilog + others + ["rtl/board/%s.lpf" % board]:
        with open(path) as f:
            text = f.read()
        text = normal(text) if path.endswith((".v", ".vh")) else text
        h.update(("%s %d\n" % (path, len(text))).encode() + text.encode())
    return h.hexdigest()


def box(text):
    """The module's head alone, as a box: parameters and ports."""
    head = text[text.index("module "):]
    return "(* blackbox *)\n" + head[:head.index(");") + 2] + "\nendmodule\n"


def write_normal(top, folder, boxes=()):
    """Copies for Yosys, whose names then hang on nothing but the design; tables stay where they are."""
    verilog, others = needed(top, boxes)
    os.makedirs(folder, exist_ok=True)
    for old in glob.glob(os.path.join(folder, "*.v*")):
        os.remove(old)
    files = []
    for path in verilog + [o for o in others if o.endswith(".vh")]:
        with open(path) as f:
            text = normal(f.read())
        if "nave_" + os.path.basename(path)[:-2] in boxes:
            text = box(text)
        copy = os.path.join(folder, os.path.basename(path))
        with open(copy, "w") as f:
            f.write(text)
        if path.endswith(".v"):
            files.append(copy)
    return files
