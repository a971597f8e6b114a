#!/usr/bin/env python3
"""Random regression: every unit with many seeds, side by side; summary, replay commands, junit.

Usage: run.py BUILD plan [--number N] [--seed S] [--only TEXT,...] [--units FILE] [--limit SECONDS]
                              writes BUILD/regress/plan.json: N runs of each unit; prints how many runs that are
       run.py BUILD task K    runs number K of the plan (a Slurm array calls this); its result is a file of its own
       run.py BUILD summary   what the results say; BUILD/regress/junit.xml; status non-zero if a run failed or is missing
       run.py BUILD all [--jobs J] [as plan]    the three, J runs at a time
SPDX-License-Identifier: ISC"""
import argparse
import concurrent.futures
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


class Regression:
    def __init__(self, build):
        self.build = build
        self.folder = os.path.join(build, "regress")
        self.plan_file = os.path.join(self.folder, "plan.json")

    def result_file(self, k):
        return os.path.join(self.folder, "%d.json" % k)

    def log_file(self, k):
        return os.path.join(self.folder, "%d.log" % k)

    def write_plan(self, number, seed, only, units, limit):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        listed = []
        with open(units) as f:
            for place, line in enumerate(f, 1):
                words = line.split()
                if not words or words[0].startswith("#"):
                    continue
                if len(words) < 2 or any("=" not in w for w in words[2:]):
                    sys.exit("%s:%d: expected NAME PROGRAM [VARIABLE=VALUE...]" % (units, place))
                if any(o in words[0] for o in only.split(",")):
                    listed.append(words)
        if not listed:
            sys.exit("no unit of %s has %s in its name" % (units, only))
        dice, tasks = random.Random(seed), []
        for i in range(number):
            for words in listed:
                tasks.append({"unit": words[0], "program": os.path.join(self.build, words[1]), "limit": limit,
                              "environment": dict(w.split("=", 1) for w in words[2:]),
                              "seed": dice.randrange(1, 1 << 31)})
        with open(self.plan_file, "w") as f:
            json.dump({"seed": seed, "tasks": tasks}, f, indent=1)
        return tasks

    def read_plan(self):
        try:
            with open(self.plan_file) as f:
                return json.load(f)
        except OSError as e:
            sys.exit("%s: make a plan first (run.py %s plan)" % (e, self.build))

    def run(self, k, task):
        begin = time.time()
        environment = dict(os.environ, NAVE_SEED=str(task["seed"]), **task["environment"])
        with open(self.log_file(k), "w") as log:
            try:
                # a group of its own, so that what a unit started ends with it
                p = subprocess.Popen([task["program"]], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log,
                                     stderr=subprocess.STDOUT, start_new_session=True)
                try:
                    status = p.wait(task["limit"])
                except subprocess.TimeoutExpired:
                    os.killpg(p.pid, signal.SIGKILL)
                    p.wait()
                    status = "hangs: %d s were its limit" % task["limit"]
            except OSError as e:
                status = str(e)
        with open(self.log_file(k), errors="replace") as f:
            log = f.read()
        if status == 0 and " passed, 0 failed" not in log and "Failures: 0, Errors: 0" not in log:
            status = "says nothing of what passed"
        result = {"status": status, "seconds": time.time() - begin}
        with open(self.result_file(k) + ".part", "w") as f:
            json.dump(result, f)
        os.replace(self.result_file(k) + ".part", self.result_file(k))
        return result

    def summary(self):
        plan = self.read_plan()
        units, failures = {}, []
        suite = xml.Element("testsuite", name="nave regression")
        for k, task in enumerate(plan["tasks"]):
            try:
                with open(self.result_file(k)) as f:
                    result = json.load(f)
            except OSError:
                result = {"status": "was not run", "seconds": 0}
            unit = units.setdefault(task["unit"], [0, 0, 0.0])
            unit[result["status"] != 0] += 1
            unit[2] += result["seconds"]
            case = xml.SubElement(suite, "testcase", classname=task["unit"], name="seed %d" % task["seed"],
                                  time="%.2f" % result["seconds"])
            if result["status"] == 0:
                continue
            try:
                with open(self.log_file(k), errors="replace") as f:
                    log = f.read()
            except OSError:
                log = ""
            status = result["status"] if isinstance(result["status"], str) else "status %d" % result["status"]
            failures.append((task, status, log))
            fault = xml.SubElement(case, "failure", message=status)
            fault.text = self.replay(task) + "\n" + "".join(c for c in log[-4000:] if c in "\n\t" or c >= " ")
        good, bad = (sum(u[i] for u in units.values()) for i in (0, 1))
        suite.set("tests", str(good + bad))
        suite.set("failures", str(bad))
        xml.ElementTree(suite).write(os.path.join(self.folder, "junit.xml"), encoding="utf-8", xml_declaration=True)
        print("%-24s %8s %8s %10s" % ("unit", "passed", "failed", "s a run"))
        for name, (passed, failed, seconds) in units.items():
            print("%-24s %8d %8d %10.1f" % (name, passed, failed, seconds / max(1, passed + failed)))
        for task, status, log in failures:
            print("\nFAIL %s, seed %d: %s" % (task["unit"], task["seed"], status))
            for line in log.strip().splitlines()[-4:]:
                print("  | " + line[:150])
            print("  replay: " + self.replay(task))
        print("\nseed %d; %s/junit.xml" % (plan["seed"], self.folder))
        print("%d passed, %d failed" % (good, bad))
        return bad == 0 and good > 0

    @staticmethod
    def replay(task):
        return " ".join(["NAVE_SEED=%d" % task["seed"]] + ["%s=%s" % v for v in task["environment"].items()] +
                        [task["program"]])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("build")
    p.add_argument("what", choices=["plan", "task", "summary", "all"])
    p.add_argument("which", nargs="?", type=int)
    p.add_argument("--number", type=int, default=4)
    p.add_argument("--seed", type=int, default=None)
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--only", default="")
    p.add_argument("--units", default=os.path.join(ROOT, "tests", "regress", "units.txt"))
    p.add_argument("--limit", type=int, default=1800)
    a = p.parse_args()
    r = Regression(a.build)
    if a.what in ("plan", "all"):
        seed = a.seed if a.seed is not None else int(os.environ.get("NAVE_SEED", time.time()))
        tasks = r.write_plan(a.number, seed, a.only, a.units, a.limit)
        if a.what == "plan":
            print(len(tasks))
            return
        print("%d runs, %d at a time, SEED=%d" % (len(tasks), a.jobs, seed), flush=True)
        with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
            list(pool.map(lambda k: r.run(k, tasks[k]), range(len(tasks))))
    if a.what == "task":
        tasks = r.read_plan()["tasks"]
        if a.which is None or not 0 <= a.which < len(tasks):
            sys.exit("run.py: the plan has runs 0 to %d" % (len(tasks) - 1))
        sys.exit(r.run(a.which, tasks[a.which])["status"] != 0)
    sys.exit(not r.summary())


if __name__ == "__main__":
    main()
