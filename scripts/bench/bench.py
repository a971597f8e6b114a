#!/usr/bin/env python3
"""nave beside zita-convolver, fconvolver and brutefir: CPU time of the same work, paired in one run on one core.

    bench.py BINARIES [--repeats N] [--seconds S] [--results FILE] [--quick]

See scripts/bench/README.md for what is measured and how. SPDX-License-Identifier: ISC"""
import argparse
import ctypes
import datetime
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

RATE_HZ = 48000
RESPONSES_S = (1, 5)
QUANTA = (64, 256, 1024, 8192)
OFFLINE_TARGET = 1.5
WORST_ERROR_DBFS = -120  # float32 programs lie at -142 to -150; what did other work is far above
PR_SET_CHILD_SUBREAPER = 36


def children_cpu_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(command, cwd):
    """Runs a command to its end and that of all its descendants. Returns (output, CPU seconds of all of them)."""
    before = children_cpu_s()
    with tempfile.TemporaryFile("w+") as output:
        code = subprocess.call(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        while True:  # orphans of the program come to us, the subreaper
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                break
        output.seek(0)
        text = output.read()
    if code:
        sys.exit(f"bench: {' '.join(command)} failed:\n{text}")
    return text, children_cpu_s() - before


def field(text, name):
    words = text.split()
    return words[words.index(name) + 1]


class Subject:
    """One program at one setting: what it is called, how it runs, what it took."""

    def __init__(self, name, command, output, whole_process=False, latency=0):
        self.name, self.command, self.output = name, command, output
        self.whole_process, self.latency = whole_process, latency
        self.cpu_s, self.error_dbfs, self.plan = [], None, ""

    def measure(self, directory):
        text, cpu_s = run(self.command, directory)
        if not self.whole_process:
            cpu_s = float(field(text, "cpu"))
            self.latency = int(field(text, "latency"))
            if " plan " in text:
                self.plan = text.split(" plan ")[1].strip()
        self.cpu_s.append(cpu_s)

    @property
    def median(self):
        return statistics.median(self.cpu_s)

    @property
    def best(self):
        return min(self.cpu_s)


def brutefir_config(directory, response_s, partition):
    parts = -(-response_s * RATE_HZ // partition)
    name = f"brutefir_{response_s}_{partition}.conf"
    with open(os.path.join(directory, name), "w", encoding="ascii") as conf:
        conf.write(f'''sampling_rate: {RATE_HZ};
filter_length: {partition},{parts};
float_bits: 32;
overflow_warnings: false;
show_progress: false;
allow_poll_mode: false;
monitor_rate: false;
powersave: false;
lock_memory: false;
modules_path: "/usr/lib/brutefir";
convolver_config: "{directory}/brutefir.wisdom";
coeff 0 {{ filename: "ir{response_s}_0.raw"; format: "FLOAT_LE"; attenuation: 0.0; }};
coeff 1 {{ filename: "ir{response_s}_1.raw"; format: "FLOAT_LE"; attenuation: 0.0; }};
input "in_l", "in_r" {{ device: "file" {{ path: "in.raw"; }}; sample: "FLOAT_LE"; channels: 2; }};
output "out_l", "out_r" {{ device: "file" {{ path: "brutefir.raw"; }}; sample: "FLOAT_LE"; channels: 2; dither: false; }};
filter 0 {{ from_inputs: "in_l"; to_outputs: "out_l"; coeff: 0; }};
filter 1 {{ from_inputs: "in_r"; to_outputs: "out_r"; coeff: 1; }};
''')
    return name


def fconvolver_config(directory, response_s):
    name = f"fconvolver_{response_s}.conf"
    with open(os.path.join(directory, name), "w", encoding="ascii") as conf:
        conf.write(f"/convolver/new 2 2 8192 {response_s * RATE_HZ} 0.5\n")
        for channel in (1, 2):
            conf.write(f"/impulse/read {channel} {channel} 1 0 0 0 {channel} ir{response_s}.wav\n")
    return name


def subjects(binaries, directory, response_s, quick):
    """Groups that are compared with each other, each a list of nave and its peers."""
    ir = f"ir{response_s}.f32"
    nave, zita = os.path.join(binaries, "bench_nave"), os.path.join(binaries, "peer_zita")
    groups = []
    for quantum in (64, 8192) if quick else QUANTA:
        groups.append((f"live, {quantum}", [
            Subject("nave", [nave, str(quantum), "in.f32", ir, "nave.f32"], "nave.f32"),
            Subject("zita-convolver", [zita, str(quantum), "in.f32", ir, "zita.f32"], "zita.f32")]))
    groups.append(("offline, memory to memory", [
        Subject("nave", [nave, "0", "in.f32", ir, "nave.f32"], "nave.f32"),
        Subject("zita-convolver, quantum 8192", [zita, "8192", "in.f32", ir, "zita.f32"], "zita.f32")]))
    if not quick:
        files = [Subject("nave, files", [os.path.join(binaries, "bench_nave_file"), "in.wav", f"ir{response_s}.wav",
                                         "nave.wav"], "nave.wav", True)]
        if shutil.which("fconvolver"):
            files.append(Subject("fconvolver", ["fconvolver", "-T", fconvolver_config(directory, response_s), "in.wav",
                                                "fconvolver.wav"], "fconvolver.wav", True))
        if shutil.which("brutefir"):
            for partition in (8192, 16384, 65536):
                files.append(Subject(f"brutefir, {partition}",
                                     ["brutefir", brutefir_config(directory, response_s, partition)],
                                     "brutefir.raw", True))
        groups.append(("offline, file to file, whole process", files))
    return groups


def measure_group(binaries, directory, response_s, group, repeats):
    for repeat in range(repeats + 1):  # A B A B; the first round warms up and is checked, not timed
        for subject in group:
            subject.measure(directory)
            if repeat == 0:
                subject.cpu_s.clear()
                text, _ = run([os.path.join(binaries, "material"), "compare", subject.output, ".", str(response_s),
                               str(subject.latency)], directory)
                subject.error_dbfs = float(field(text, "error_dbfs"))
                if subject.error_dbfs > WORST_ERROR_DBFS:
                    sys.exit(f"bench: {subject.name} is off by {subject.error_dbfs} dBFS: it did other work")


def cpu_name():
    with open("/proc/cpuinfo", encoding="ascii") as info:
        for line in info:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def versions():
    found = []
    for package in ("libzita-convolver4", "jconvolver", "brutefir", "libfftw3-single3"):
        done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}", package], capture_output=True,
                              text=True, check=False)
        found.append(done.stdout.strip() if done.returncode == 0 else f"{package} not from a Debian package")
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return found, commit.stdout.strip()


def table(groups_by_response):
    lines, verdicts = [], []
    for response_s, groups in groups_by_response:
        lines += [f"\n### Response {response_s} s\n",
                  "| what | program | CPU s, median | best | x real time | error, dBFS | peer / nave, median (best) |",
                  "|---|---|---|---|---|---|---|"]
        for title, group in groups:
            nave = group[0]
            for s in group:
                ratio = "" if s is nave else f"**{s.median / nave.median:.2f}** ({s.best / nave.best:.2f})"
                name = f"{s.name} ({s.plan})" if s.plan else s.name
                lines.append(f"| {title} | {name} | {s.median:.4f} | {s.best:.4f} | {SECONDS / s.median:.0f} "
                             f"| {s.error_dbfs:.1f} | {ratio} |")
            if title.startswith("live"):
                verdicts.append((f"{response_s} s, {title}", group[1].median / nave.median, 1.0, "zita-convolver"))
    for response_s, groups in groups_by_response:
        named = dict(groups)
        memory = named["offline, memory to memory"]
        peers = [(s.median / memory[0].median, s.name) for s in memory[1:]]
        files = named.get("offline, file to file, whole process")
        if files:
            peers += [(s.median / files[0].median, s.name + " (whole process)") for s in files[1:]]
        verdicts.append((f"{response_s} s, offline", *min((r, OFFLINE_TARGET, n) for r, n in peers)))
    lines += ["\n### Targets\n", "| case | nearest peer | peer / nave | wanted | |", "|---|---|---|---|---|"]
    for case, ratio, wanted, peer in verdicts:
        lines.append(f"| {case} | {peer} | {ratio:.2f} | {wanted:.2f} | {'reached' if ratio >= wanted else 'NOT REACHED'} |")
    return lines, verdicts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binaries")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--results", help="Markdown file to write; its JSON goes beside it")
    parser.add_argument("--quick", action="store_true", help="for CI: fails only if nave takes twice what it should")
    args = parser.parse_args()
    global SECONDS
    SECONDS = args.seconds
    binaries = os.path.abspath(args.binaries)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    done = []
    with tempfile.TemporaryDirectory(prefix="nave-bench-") as directory:
        run([os.path.join(binaries, "material"), "make", directory, str(SECONDS), *map(str, RESPONSES_S)], ".")
        for response_s in RESPONSES_S:
            groups = subjects(binaries, directory, response_s, args.quick)
            for title, group in groups:
                measure_group(binaries, directory, response_s, group, args.repeats)
                print(f"{response_s} s, {title}: " + ", ".join(f"{s.name} {s.median:.4f} s" for s in group), flush=True)
            done.append((response_s, groups))
        kernels, _ = run([os.path.join(binaries, "kernels")] + (["--quick"] if args.quick else []), ".")
    lines, verdicts = table(done)
    found, commit = versions()
    head = ["# Benchmark results", "",
            f"Written by `make bench` on {datetime.date.today()} from {commit}. All figures were **measured on a CPU** "
            "(the C card); none comes from a board.", "",
            f"- CPU: {cpu_name()}, pinned to one core; {platform.system()} {platform.release()}",
            f"- peers: {', '.join(found)}",
            f"- {SECONDS} s of stereo pink noise at 48 kHz; {args.repeats} repetitions, programs taking turns; CPU time is "
            "user + system of all threads and descendants; error against double precision",
            "- plan: partitions x frames of each tier, from the start of the response; see README.md for what is inside each time"]
    text = "\n".join(head + lines + ["\n### Kernels against the roofline\n", kernels.rstrip()]) + "\n"
    print("\n".join(lines) + "\n" + kernels)
    if args.results:
        with open(args.results, "w", encoding="utf-8") as out:
            out.write(text)
        with open(os.path.join(binaries, "bench.json"), "w", encoding="utf-8") as out:
            json.dump([{"response_s": r, "group": title, "program": s.name, "plan": s.plan, "cpu_s": s.cpu_s,
                        "error_dbfs": s.error_dbfs} for r, groups in done for title, group in groups for s in group],
                      out, indent=1)
    if args.quick and any(ratio < wanted / 2 for _, ratio, wanted, _ in verdicts):
        sys.exit("bench: nave takes more than twice the time of its target")


if __name__ == "__main__":
    main()
