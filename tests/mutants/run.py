#!/usr/bin/env python3
"""Plants one fault at a time in a scratch copy of the tree; a test must fail for each.

Usage: run.py BUILD [--number N] [--seed S] [--jobs J] [--only TEXT]
Faults: tests/mutants/*.txt, see README.md. Without N all of them. The copies lie in BUILD/mutants.
SPDX-License-Identifier: ISC"""
import argparse
import concurrent.futures
import fcntl
import glob
import os
import queue
import random
import shutil
import subprocess
import sys
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
FOLDERS = ["rtl", "sim", "driver", "host", "tests", "scripts"]
BUILT = ["sim", "driver", "host", "tests", "libnave.a"]  # what is taken from BUILD, to build less
SECONDS = 240  # a test that runs longer, and 10 times as long as without a fault, has no limit: that is a defect too


class Mutant:
    def __init__(self, place, name, path, tests):
        self.place, self.name, self.path, self.tests = place, name, path, tests
        self.old = self.new = None


def read_list(path):
    mutants = []
    with open(path) as f:
        for number, line in enumerate(f, 1):
            line, place = line.rstrip("\n"), "%s:%d" % (os.path.relpath(path, ROOT), number)
            if line.startswith("-") and mutants and mutants[-1].old is None:
                mutants[-1].old = line[1:]
            elif line.startswith("+") and mutants and mutants[-1].old and mutants[-1].new is None:
                mutants[-1].new = line[1:]
            elif line and not line.startswith("#"):
                words = line.split()
                if len(words) < 3:
                    sys.exit("%s: expected NAME FILE TEST..., then a line with - and one with +" % place)
                mutants.append(Mutant(place, words[0], words[1], words[2:]))
    return mutants


def check_list(mutants):
    """A pattern that no longer matches exactly once plants nothing: that must not pass for a test that was good."""
    faults, names = [], set()
    for m in mutants:
        if m.new is None:
            faults.append("%s: %s has no - or no + line" % (m.place, m.name))
            continue
        if m.name in names:
            faults.append("%s: there are two faults named %s" % (m.place, m.name))
        names.add(m.name)
        try:
            with open(os.path.join(ROOT, m.path)) as f:
                found = f.read().count(m.old)
        except OSError as e:
            faults.append("%s: %s" % (m.place, e))
            continue
        if found != 1 or m.old == m.new:
            faults.append("%s: the text of %s stands %d times in %s; write one that stands there once" %
                          (m.place, m.name, found, m.path))
    if faults:
        sys.exit("\n".join(faults) + "\n0 passed, %d failed" % len(faults))


def program(test):  # of TEST or TEST@CASES
    test = test.split("@")[0]
    single = not test.startswith("cosim/") or os.path.basename(test).startswith("check")
    return "build/tests/" + test + ("" if single else "/check")


class Tree:
    """A copy of the sources with a build of its own."""

    def __init__(self, path, build):
        self.path = path
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(os.path.join(path, "build"))
        for name in FOLDERS + ["Makefile", ".clang-format"]:
            if os.path.exists(os.path.join(ROOT, name)):
                subprocess.run(["cp", "-a", os.path.join(ROOT, name), path], check=True)
        for name in BUILT:
            if os.path.exists(os.path.join(build, name)):
                subprocess.run(["cp", "-a", os.path.join(build, name), os.path.join(path, "build")], check=True)
        # a fault may leave a name unused: the compiler's warnings are not the test
        self.environment = dict(os.environ, NAVE_SEED=os.environ.get("NAVE_SEED", "1"))
        tools = os.path.join(path, "tools")
        os.makedirs(tools)
        cache = shutil.which("ccache") or ""  # most files of a build are those of the build before
        self.environment.update(CCACHE_DIR=os.path.join(build, "ccache"), CCACHE_MAXSIZE="1G", CCACHE_BASEDIR=path)
        if cache:
            self.environment["OBJCACHE"] = cache
        for name, option, before in (("verilator", "-Wno-fatal", ""), ("gcc", "-Wno-error", cache)):
            wrapper = os.path.join(tools, name)
            if shutil.which(name):
                with open(wrapper, "w") as f:
                    f.write('#!/bin/sh\nexec %s %s "$@" %s\n' % (before, shutil.which(name), option))
                os.chmod(wrapper, 0o755)
        self.environment["PATH"] = tools + ":" + os.environ["PATH"]
        for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
            self.environment.pop(name, None)

    def build(self, test):
        done = subprocess.run(["make", "--no-print-directory", program(test)], cwd=self.path, env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode == 0, done.stdout

    def run(self, test, seconds):
        """Ends with: passed, failed or hung, and the last lines."""
        try:
            environment = dict(self.environment, **({"NAVE_CASES": test.split("@")[1]} if "@" in test else {}))
            done = subprocess.run([program(test)], cwd=self.path, env=environment, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, errors="replace", timeout=seconds)
        except subprocess.TimeoutExpired:
            return "hung", ""
        return ("passed" if done.returncode == 0 else "failed"), done.stdout

    def plant(self, mutant):
        path = os.path.join(self.path, mutant.path)
        with open(path) as f:
            good = f.read()
        with open(path, "w") as f:
            f.write(good.replace(mutant.old, mutant.new))
        return path, good


def first_line(text):
    marks = ("DIFFERS", "FAIL", "differs", ":F:", "Failure", "word ", "clock ")
    for line in text.splitlines():
        if any(m in line for m in marks) and "Failures: 0" not in line:
            return line.strip()[:110]
    return (text.strip().splitlines() or ["died"])[-1].strip()[:110]


def try_mutant(tree, mutant, seconds):
    path, good = tree.plant(mutant)
    try:
        for test in mutant.tests:
            built, log = tree.build(test)
            if not built:
                return False, "does not build: " + " / ".join(log.strip().splitlines()[-3:])
            how, log = tree.run(test, seconds[test])
            if how == "failed":
                return True, test + ": " + first_line(log)
            if how == "hung":
                return False, "%s ran for %d s: it lacks a limit" % (test, seconds[test])
        return False, "survived " + " ".join(mutant.tests)
    finally:
        with open(path, "w") as f:
            f.write(good)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("build")
    p.add_argument("--number", type=int)
    p.add_argument("--seed", type=int)
    p.add_argument("--jobs", type=int, default=1)
    p.add_argument("--only", default="", help="those whose name or file contains one of these, with commas between")
    p.add_argument("--check", action="store_true", help="only that each text stands once")
    a = p.parse_args()
    everything = []
    for path in sorted(glob.glob(os.path.join(ROOT, "tests", "mutants", "*.txt"))):
        everything += read_list(path)
    mutants = [m for m in everything if any(o in m.name or o in m.path for o in a.only.split(","))]
    check_list(mutants)
    if a.check:
        print("%d passed, 0 failed (faults whose text stands once)" % len(mutants))
        return
    if not mutants:
        sys.exit("no fault has %s in its name or file" % a.only)
    if a.number is not None and a.number < len(mutants):
        seed = a.seed if a.seed is not None else int(os.environ.get("NAVE_SEED", time.time()))
        print("%d of %d faults, SEED=%d" % (a.number, len(mutants), seed), flush=True)
        mutants = random.Random(seed).sample(mutants, a.number)
    mutants.sort(key=lambda m: (m.tests, m.path))  # what follows each other shares most of a build

    begin = time.time()
    base = os.path.join(os.path.abspath(a.build), "mutants")
    os.makedirs(a.build, exist_ok=True)
    lock = open(base + ".lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit("another run works in %s: wait for its end" % base)
    trees = queue.Queue()
    for i in range(max(1, min(a.jobs, len(mutants)))):
        trees.put(Tree(os.path.join(base, str(i)), os.path.abspath(a.build)))
    # a test that fails without a fault would catch everything
    tree, broken, seconds = trees.get(), [], {}
    for test in sorted({t for m in mutants for t in m.tests}):
        built, log = tree.build(test)
        start = time.time()
        how = "does not build" if not built else tree.run(test, 5 * SECONDS)[0]
        seconds[test] = max(SECONDS, 10 * (time.time() - start))
        if how != "passed":
            broken.append(test)
            print("FAIL %s without any fault: %s\n%s" % (test, how, "\n".join(log.splitlines()[-5:])), flush=True)
    trees.put(tree)
    if broken:
        sys.exit("0 passed, %d failed" % len(broken))

    def one(mutant):
        tree = trees.get()
        try:
            return (mutant,) + try_mutant(tree, mutant, seconds)
        finally:
            trees.put(tree)

    survivors = []
    with concurrent.futures.ThreadPoolExecutor(max(1, a.jobs)) as pool:
        for mutant, caught, how in pool.map(one, mutants):
            print("%s %-28s %s" % ("ok  " if caught else "FAIL", mutant.name, how), flush=True)
            if not caught:
                survivors.append(mutant)
    shutil.rmtree(base, ignore_errors=True)
    for m in survivors:
        print("survivor: %s (%s, %s)" % (m.name, m.path, m.place))
    print("%d passed, %d failed (faults caught and not caught, %d s)" %
          (len(mutants) - len(survivors), len(survivors), time.time() - begin))
    sys.exit(len(survivors) != 0)


if __name__ == "__main__":
    main()
