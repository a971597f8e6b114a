#!/usr/bin/env python3
"""Line, toggle and functional coverage of rtl/ by the cosim programs, merged.

Usage: run.py BUILD WORK PROGRAM... [--slice]
PROGRAM: a make target under BUILD, built into WORK with Verilator's coverage and run, with @CASES so many cases. waivers.txt says what need not be
reached and why, points.txt what else must be. --slice: only the files that these programs reach are judged.
SPDX-License-Identifier: ISC"""
import collections
import glob
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
HERE = os.path.join(ROOT, "tests", "coverage")
FOLDERS = ("arith", "prim", "stream", "link", "mem", "conv", "card")
LEAST_LINES, LEAST_TOGGLES = 95.0, 90.0


def read_points():
    """File of the block -> [(name, expression)], {a..b} written out; and its clock."""
    points, clocks = collections.OrderedDict(), {}
    with open(os.path.join(HERE, "points.txt")) as f:
        for number, line in enumerate(f, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("rtl/"):
                path, _, clock = line.partition(" ")
                block = points.setdefault(path, [])
                clocks[path] = clock or "clk"
                continue
            name, found, expression = line.partition(" : ")
            if not found:
                sys.exit("points.txt:%d: expected NAME : EXPRESSION" % number)
            span = re.search(r"\{(\d+)\.\.(\d+)\}", name)
            if not span:
                block.append((name, expression))
                continue
            for value in range(int(span[1]), int(span[2]) + 1):
                block.append((name.replace(span[0], str(value)), expression.replace("{}", str(value))))
    return points, clocks


def write_covers(points, clocks, folder):
    """A module of cover properties for each block, bound into all its instances. Line i + 2 is point i."""
    for path, block in points.items():
        name = os.path.basename(path)[:-2]
        if not os.path.exists(os.path.join(ROOT, path)):
            sys.exit("points.txt: there is no %s" % path)
        with open(os.path.join(folder, name + "_cover.sv"), "w") as f:
            f.write("module nave_%s_cover(input clk, input [%d:0] hit);\n" % (name, len(block) - 1))
            for i in range(len(block)):
                f.write("p%d: cover property (@(posedge clk) hit[%d]);\n" % (i, i))
            f.write("endmodule\nbind nave_%s nave_%s_cover cover_points(.clk(%s), .hit({\n" %
                    (name, name, clocks[path]))
            f.write(",\n".join("(%s) != 0" % e for _, e in reversed(block)))
            f.write("}));\n")


def write_wrapper(folder, covers):
    """The make files call verilator: this one counts too."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "verilator")
    with open(path, "w") as f:
        f.write("""#!/usr/bin/env python3
import os, sys
real, covers, arguments = %r, %r, sys.argv[1:]
if "--cc" in arguments:
    for a in sys.argv[1:]:
        cover = os.path.join(covers, os.path.basename(a)[:-2] + "_cover.sv")
        if a.endswith(".v") and os.path.exists(cover):
            arguments.append(cover)
    arguments += ["--coverage-line", "--coverage-toggle", "--coverage-user", "-Wno-fatal", "-MAKEFLAGS", "OPT_FAST=-O1 OPT_SLOW=-O0"]
os.execv(real, [real] + arguments)
""" % (shutil.which("verilator"), covers))
    os.chmod(path, 0o755)


def read_counts(paths):
    """(file, line, column, kind, what, lines) -> count over all instances and programs; user points: with instance."""
    counts = collections.Counter()
    entry = re.compile(r"^C '(.*)' (\d+)$")
    for path in paths:
        with open(path, encoding="latin-1") as f:
            for line in f:
                m = entry.match(line)
                if not m:
                    continue
                field = dict(part.split("\x02", 1) for part in m[1].split("\x01") if "\x02" in part)
                where = field["f"]
                if where.startswith(ROOT):
                    where = os.path.relpath(where, ROOT)
                # the page names the variant of the module too, which parameters made
                kind = field["page"].split("/")[0]
                key = (where, int(field["l"]), int(field["n"]), kind, field.get("o", ""), field.get("S", ""))
                counts[key] += int(m[2])
    return counts


class Waivers:
    def __init__(self):
        self.all = []
        with open(os.path.join(HERE, "waivers.txt")) as f:
            for number, line in enumerate(f, 1):
                line = line.strip()
                if not line or line.startswith("#"):
                    continue
                parts = [p.strip() for p in line.split(" | ")]
                if len(parts) != 4 or parts[1] not in ("line", "toggle", "point"):
                    sys.exit("waivers.txt:%d: expected FILE | line or toggle or point | WHAT | REASON" % number)
                self.all.append([number] + parts + [0])

    def waived(self, path, kind, text):
        for w in self.all:
            if w[1] == path and w[2] == kind and (text.strip() == w[3] if kind == "line" else
                                                  re.fullmatch(w[3], text)):
                w[5] += 1
                return True
        return False


def spans(numbers):
    numbers, text = sorted(numbers), []
    while numbers:
        end = 0
        while end + 1 < len(numbers) and numbers[end + 1] == numbers[end] + 1:
            end += 1
        text.append(str(numbers[0]) if end == 0 else "%d-%d" % (numbers[0], numbers[end]))
        numbers = numbers[end + 1:]
    return ",".join(text)


def judge(counts, points, sliced):
    waivers = Waivers()
    source = {}
    lines = collections.defaultdict(lambda: collections.defaultdict(bool))  # file -> line -> hit by all its points
    toggles = collections.defaultdict(dict)
    reached = collections.Counter()
    for (path, line, column, kind, what, span), count in counts.items():
        if kind == "v_user":
            for block in points:
                if os.path.basename(path) == os.path.basename(block)[:-2] + "_cover.sv":
                    reached[(block, line - 2)] += count
            continue
        if not path.startswith("rtl/") or path.split("/")[1] not in FOLDERS:
            continue
        if kind == "v_toggle":
            toggles[path][(line, what)] = toggles[path].get((line, what), 0) + count
            continue
        for part in (span or str(line)).split(","):
            first, _, last = part.partition("-")
            for n in range(int(first), int(last or first) + 1):
                lines[path][n] = lines[path].get(n, True) and count > 0

    print("%-28s %16s %20s" % ("", "lines", "toggles"))
    sums, missing = [0, 0, 0, 0], []
    for path in sorted(set(lines) | set(toggles)):
        with open(os.path.join(ROOT, path)) as f:
            source[path] = f.read().split("\n")
        hit = total = 0
        for n, good in sorted(lines[path].items()):
            if not good and waivers.waived(path, "line", source[path][n - 1]):
                continue
            total += 1
            hit += good
            if not good:
                missing.append("%s:%d: %s" % (path, n, source[path][n - 1].strip()))
        flipped = bits = 0
        left = collections.defaultdict(list)
        for (n, what), count in sorted(toggles[path].items()):
            if not count and waivers.waived(path, "toggle", what):
                continue
            bits += 1
            flipped += count > 0
            if not count:
                name, _, index = what.partition("[")
                left[(n, name)].append(index.rstrip("]"))
        for (n, name), which in sorted(left.items()):
            if all(w.isdigit() for w in which):
                missing.append("%s:%d: %s[%s] never changes" % (path, n, name, spans([int(w) for w in which])))
            else:
                missing.append("%s:%d: %s %s never changes" % (path, n, name, " ".join(which)))
        for i, v in enumerate((hit, total, flipped, bits)):
            sums[i] += v
        print("%-28s %5d/%-5d %5.1f %6d/%-6d %5.1f" %
              (path, hit, total, 100 * hit / max(1, total), flipped, bits, 100 * flipped / max(1, bits)))
    line_share, toggle_share = 100 * sums[0] / max(1, sums[1]), 100 * sums[2] / max(1, sums[3])
    print("%-28s %5d/%-5d %5.1f %6d/%-6d %5.1f" % ("all", sums[0], sums[1], line_share, sums[2], sums[3], toggle_share))

    print("\nFunctional points: name, clocks in which it was reached")
    empty = met = 0
    for block, list_of in points.items():
        if not any((block, i) in reached for i in range(len(list_of))):
            if not sliced:
                missing.append("%s: no program has this block" % block)
            continue
        print(block)
        for i, (name, _) in enumerate(list_of):
            count = reached[(block, i)]
            waived = not count and waivers.waived(block, "point", name)
            met += count > 0
            empty += not count and not waived
            print("  %-64s %10d%s" % (name, count, "" if count else "  waived" if waived else "  NOT REACHED"))
            if not count and not waived:
                missing.append("%s: point '%s'" % (block, name))
    print("\nNot reached:" if missing else "\nEverything that is not waived was reached.")
    for m in missing:
        print("  " + m)
    print("\nWaived, each with its reason in tests/coverage/waivers.txt: %d lines, %d toggles, %d points" % tuple(
        sum(w[5] for w in waivers.all if w[2] == kind) for kind in ("line", "toggle", "point")))
    stale = [w for w in waivers.all if not w[5]]
    for w in stale if not sliced else []:
        print("waivers.txt:%d: %s of %s is reached or is gone: remove it" % (w[0], w[3], w[1]))
    good = [line_share >= LEAST_LINES, toggle_share >= LEAST_TOGGLES, empty == 0, sliced or not stale]
    print("lines %.1f %% (at least %.0f), toggles %.1f %% (at least %.0f), points %d reached, %d not" %
          (line_share, LEAST_LINES, toggle_share, LEAST_TOGGLES, met, empty))
    print("%d passed, %d failed" % (sum(good), len(good) - sum(good)))
    return all(good)


def main():
    arguments = [a for a in sys.argv[1:] if a != "--slice"]
    sliced = "--slice" in sys.argv
    build, work, programs = arguments[0], os.path.abspath(arguments[1]), arguments[2:]
    data, covers, tools = (os.path.join(work, name) for name in ("data", "covers", "tools"))
    for folder in (data, covers):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
    points, clocks = read_points()
    write_covers(points, clocks, covers)
    write_wrapper(tools, covers)
    environment = dict(os.environ, PATH=tools + ":" + os.environ["PATH"], NAVE_COVERAGE=data)
    if shutil.which("ccache"):
        environment.update(OBJCACHE="ccache", CCACHE_DIR=os.path.abspath(os.path.join(build, "ccache")), CCACHE_MAXSIZE="1G")
    cases = dict(p.split("@") for p in programs if "@" in p)
    programs = [p.split("@")[0] for p in programs]
    inside = [os.path.relpath(work + p[len(build):], ROOT) for p in programs]
    failed = []
    for p, name in zip(inside, programs):
        subprocess.run(["make", "--no-print-directory", "BUILD=" + os.path.relpath(work, ROOT), p], cwd=ROOT, env=environment,
                       check=True, stdout=subprocess.DEVNULL)
        done = subprocess.run([p], cwd=ROOT, env=dict(environment, **({"NAVE_CASES": cases[name]} if name in cases else {})),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        last = (done.stdout.strip().splitlines() or [""])[-1]
        print("%-48s %s" % (os.path.relpath(p, os.path.relpath(work, ROOT)), last), flush=True)
        if done.returncode != 0:
            failed.append(p)
            print(done.stdout[-2000:])
    if failed:
        sys.exit("0 passed, %d failed" % len(failed))
    merged = os.path.join(work, "merged.dat")
    subprocess.run(["verilator_coverage", "--write", merged] + sorted(glob.glob(os.path.join(data, "*.dat"))), check=True,
                   stdout=subprocess.DEVNULL)
    sys.exit(not judge(read_counts([merged]), points, sliced))


if __name__ == "__main__":
    main()
