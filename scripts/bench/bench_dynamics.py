#!/usr/bin/env python3
"""nave's dynamics on the C card beside LSP, Calf and ZaM multiband compressors: CPU time of the same 60 s, paired in one
run on one core, and what each does to sound when it compresses nothing.

    bench_dynamics.py BINARIES [--repeats N] [--seconds S] [--results FILE] [--quick]

See scripts/bench/README.md for what is measured and how. SPDX-License-Identifier: ISC"""
import argparse
import datetime
import os
import statistics
import subprocess
import sys
import tempfile

from bench import cpu_name, field, run

BLOCKS = (64, 256, 1024, 4096, 8192, 16384)
SPEED_TARGET = 2.0  # times as fast as LSP
RIPPLE_BOUND_DB = 0.0005
LSP = "http://lsp-plug.in/plugins/lv2/mb_compressor_stereo"
CALF = "http://calf.sourceforge.net/plugins/MultibandCompressor"
ZAM = "urn:zamaudio:ZaMultiCompX2"
SIX_HZ = (100, 400, 1200, 4000, 10000)
CALF_HZ = (120, 1000, 6000)
ZAM_HZ = (160, 1400)


def chain(crossovers, compress, limiter):
    """A chain's text: RMS detectors of 10 ms, 3:1 above -20 dB, 10 and 100 ms, as the plugins get them."""
    lines = ["nave-chain 1", "[dynamics]"]
    lines += [f"crossover {i + 1} = {hz} Hz" for i, hz in enumerate(crossovers)]
    for band in range(1, len(crossovers) + 2) if compress else ():
        lines += [f"band {band} detector = rms", f"band {band} threshold = -20 dB", f"band {band} ratio = 3:1",
                  f"band {band} knee = 6 dB", f"band {band} attack = 10 ms", f"band {band} release = 100 ms"]
    if limiter:
        lines += ["[limiter]", "ceiling = -1 dBTP"]
    return "\n".join(lines) + "\n"


def lsp(compress):
    """Classic mode, six bands; the graphs are off, nobody looks at them."""
    ports = ["mode=0", "flt=0", "ife_l=0", "ife_r=0", "ofe_l=0", "ofe_r=0"]
    ports += [f"cbe_{i + 1}={int(i < 5)}" for i in range(7)]  # splits: some are on as it comes
    ports += [f"sf_{i + 1}={hz}" for i, hz in enumerate(SIX_HZ)]
    for band in range(6):
        ports += [f"scm_{band}=1", f"at_{band}=10", f"rt_{band}=100", f"kn_{band}=0.5"]
        ports += [f"al_{band}=0.1", f"cr_{band}=3"] if compress else [f"cr_{band}=1"]
    return ports


def calf(compress):
    """24 dB/oct; its bands are bypassed as it comes."""
    ports = ["mode=0"] + [f"freq{i}={hz}" for i, hz in enumerate(CALF_HZ)]
    for band in range(4):
        ports += [f"bypass{band}=0", f"attack{band}=10", f"release{band}=100"]
        ports += [f"threshold{band}=0.1", f"ratio{band}=3"] if compress else [f"ratio{band}=1"]
    return ports


def zam(compress):
    ports = [f"xover{i + 1}={hz}" for i, hz in enumerate(ZAM_HZ)]
    for band in (1, 2, 3):
        ports += [f"toggle{band}=1", f"att{band}=10", f"rel{band}=100"]
        ports += [f"thr{band}=-20", f"rat{band}=3", f"kn{band}=6"] if compress else [f"thr{band}=0", f"rat{band}=1"]
    return ports


class Subject:
    """One program at one setting; command(block, sound in, sound out) gives what to run."""

    def __init__(self, name, bands, command, blocks=BLOCKS):
        self.name, self.bands, self.command, self.blocks = name, bands, command, blocks
        self.block, self.cpu_s = None, []

    def once(self, directory, block, sound="in.f32", out="-"):
        text, _ = run([str(word) for word in self.command(block, sound, out)], directory)
        return float(field(text, "cpu")), int(float(field(text, "latency")))

    def choose_block(self, directory):
        times = {block: min(self.once(directory, block)[0] for _ in range(2)) for block in self.blocks}
        self.block = min(times, key=times.get)

    @property
    def median(self):
        return statistics.median(self.cpu_s)


def write(directory, name, text):
    with open(os.path.join(directory, name), "w", encoding="ascii") as out:
        out.write(text)
    return name


def subjects(binaries, directory):
    nave, host = os.path.join(binaries, "bench_nave_chain"), os.path.join(binaries, "peer_lv2")

    def own(name, crossovers, limiter, file, block=0, card="model"):
        write(directory, file, chain(crossovers, True, limiter))
        return Subject(name, len(crossovers) + 1, lambda b, sound, out: [nave, b, file, sound, out, card], (block,))

    with open("/proc/cpuinfo", encoding="ascii") as info:
        narrow = ("avx2", "c") if " avx2 " in info.read() else ("c",)

    def plugin(name, bands, uri, ports):
        return Subject(name, bands, lambda b, sound, out: [host, uri, b, sound, out] + ports)

    return [
        (plugin("LSP multiband compressor, classic", 6, LSP, lsp(True)),
         [own("nave", SIX_HZ, False, "six.chain"), own("nave with limiter", SIX_HZ, True, "six_limiter.chain"),
          own("nave with limiter, live, ticks of 64", SIX_HZ, True, "six_limiter.chain", 64)]
         + [own(f"nave with limiter, isa={isa}", SIX_HZ, True, "six_limiter.chain", 0, f"model:isa={isa}")
            for isa in narrow]),
        (plugin("Calf multiband compressor", 4, CALF, calf(True)),
         [own("nave", CALF_HZ, False, "four.chain"), own("nave with limiter", CALF_HZ, True, "four_limiter.chain")]),
        (plugin("ZaMultiCompX2", 3, ZAM, zam(True)),
         [own("nave", ZAM_HZ, False, "three.chain"), own("nave with limiter", ZAM_HZ, True, "three_limiter.chain")])]


def measure_speed(groups, directory, repeats):
    for peer, ours in groups:
        for subject in [peer] + ours:
            subject.choose_block(directory)
        for _ in range(repeats):  # A B C A B C
            for subject in [peer] + ours:
                subject.cpu_s.append(subject.once(directory, subject.block)[0])
        print(", ".join(f"{s.name} {s.median:.3f} s" for s in [peer] + ours), flush=True)


def speed_table(groups, seconds):
    lines = ["| program | bands | block | CPU s, median | x real time | peer / nave, median of pairs |",
             "|---|---|---|---|---|---|"]
    ratios = {}
    for peer, ours in groups:
        lines.append(f"| {peer.name} | {peer.bands} | {peer.block} | {peer.median:.3f} | {seconds / peer.median:.0f} | |")
        for s in ours:
            ratio = statistics.median(p / own for p, own in zip(peer.cpu_s, s.cpu_s))
            ratios[(peer.name, s.name)] = ratio
            lines.append(f"| {s.name} | {s.bands} | {s.block or 'offline'} | {s.median:.3f} | {seconds / s.median:.0f} "
                         f"| **{ratio:.2f}** |")
    return lines, ratios


def measure_sound(binaries, directory):
    """Ripple and errors of each with nothing compressed: rows of (name, ripple dB, error dBFS, against what)."""
    nave, host = os.path.join(binaries, "bench_nave_chain"), os.path.join(binaries, "peer_lv2")
    measure = os.path.join(binaries, "dynamics_measure")
    run([measure, "impulse", "impulse.f32"], directory)
    rows = []
    todo = [(f"nave, {len(hz) + 1} bands", hz, [nave, "64", write(directory, f"flat{len(hz)}.chain", chain(hz, False,
                                                                                                    False))], [], "f64")
            for hz in (SIX_HZ, CALF_HZ, ZAM_HZ)]
    todo += [(name, hz, [host, uri, "1024"], ports, "f32")
             for name, hz, uri, ports in (("LSP, classic, 6 bands", SIX_HZ, LSP, lsp(False)),
                                          ("Calf, 4 bands", CALF_HZ, CALF, calf(False)),
                                          ("ZaMultiCompX2, 3 bands", ZAM_HZ, ZAM, zam(False)))]
    for name, crossovers, command, ports, kind in todo:
        response, sound = f"response.{kind}", f"sound.{kind}"
        run(command + ["impulse.f32", response] + ports, directory)
        text, _ = run(command + ["short.f32", sound] + ports, directory)
        latency = str(int(float(field(text, "latency"))))
        ripple = float(field(run([measure, "ripple", response], directory)[0], "ripple_db"))
        against = {"ideal allpasses": ["allpass", "short.f32", sound, latency] + [str(hz) for hz in crossovers],
                   "the input": ["allpass", "short.f32", sound, latency],
                   "its own impulse response": ["own", response, "short.f32", sound]}
        errors = {what: float(field(run([measure] + words, directory)[0], "error_dbfs"))
                  for what, words in against.items()}
        rows.append((name, ripple, *min((error, what) for what, error in errors.items())))
    return rows


def sound_table(rows):
    lines = ["| nothing compressed | ripple 20 Hz..20 kHz, dB | error, dBFS | against |", "|---|---|---|---|"]
    return lines + [f"| {name} | {ripple:.6f} | {error:.1f} | {what} |" for name, ripple, error, what in rows]


def check_sound(rows):
    for name, ripple, error, what in rows:
        if name.startswith("nave") and (ripple > RIPPLE_BOUND_DB or error > -155 or what != "ideal allpasses"):
            sys.exit(f"bench: {name}: ripple {ripple} dB, error {error} dBFS against {what}")
        if not ripple < 6 or not error < -60:
            sys.exit(f"bench: {name} did not run as it should: ripple {ripple} dB, error {error} dBFS against {what}")


def versions():
    found = []
    for package in ("lsp-plugins-lv2", "calf-plugins", "zam-plugins"):
        done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}", package], capture_output=True,
                              text=True, check=False)
        found.append(done.stdout.strip() if done.returncode == 0 else f"{package} not from a Debian package")
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return found, commit.stdout.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binaries")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--results", help="Markdown file to write")
    parser.add_argument("--quick", action="store_true", help="for CI: no times, only what is done to sound")
    args = parser.parse_args()
    binaries = os.path.abspath(args.binaries)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory(prefix="nave-bench-") as directory:
        run([os.path.join(binaries, "material"), "make", directory, "4" if args.quick else "10", "1"], ".")
        os.rename(os.path.join(directory, "in.f32"), os.path.join(directory, "short.f32"))
        rows = measure_sound(binaries, directory)
        print("\n".join(sound_table(rows)), flush=True)
        check_sound(rows)
        if args.quick:
            print(f"{len(rows)} passed, 0 failed")
            return
        run([os.path.join(binaries, "material"), "make", directory, str(args.seconds), "1"], ".")
        groups = subjects(binaries, directory)
        measure_speed(groups, directory, args.repeats)
    lines, ratios = speed_table(groups, args.seconds)
    print("\n".join(lines))
    worst = min(ratio for (peer, own), ratio in ratios.items() if peer.startswith("LSP") and "isa=" not in own)
    verdict = (f"Target: {SPEED_TARGET:.0f} times as fast as LSP. At least {worst:.2f}: "
               + ("reached." if worst >= SPEED_TARGET else "NOT REACHED."))
    print(verdict)
    found, commit = versions()
    head = ["# Dynamics beside other multiband compressors", "",
            f"Written by `make bench-dynamics` on {datetime.date.today()} from {commit}. All figures were **measured on a "
            "CPU** (the C card); none comes from a board.", "",
            f"- CPU: {cpu_name()}, pinned to one core",
            f"- peers: {', '.join(found)}",
            f"- {args.seconds} s of stereo pink noise at 48 kHz; {args.repeats} repetitions, programs taking turns, each "
            "plugin at the block size that is best for it; CPU time is user + system", "", "## Speed", ""]
    if args.results:
        with open(args.results, "w", encoding="utf-8") as out:
            out.write("\n".join(head + lines + ["", verdict, "", "## Sound", ""] + sound_table(rows)) + "\n")


if __name__ == "__main__":
    main()
