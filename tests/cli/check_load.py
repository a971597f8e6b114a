#!/usr/bin/env python3
"""nave load with loaders that only write down how they were called. NAVE names the program.
SPDX-License-Identifier: ISC"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NAVE = os.path.abspath(os.environ.get("NAVE", os.path.join(ROOT, "build", "nave")))
PROTOCOL = 1
TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Desk:
    """A folder of bitstreams, a PATH and the USB devices that the system lists."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="nave-load-")
        self.root = self.folder.name
        for d in ("bin", "usb"):
            os.mkdir(self.at(d))
        self.board("cynthion", {"nave-12f.bit": ("LFE5U-12F", "0x21111043"), "nave-25f.bit": ("LFE5U-25F", "0x41111043")})
        self.board("ulx3s", {"nave-85f.bit": ("LFE5U-85F", "0x41113043")})
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def at(self, *names):
        return os.path.join(self.root, *names)

    def board(self, name, parts, **more):
        os.makedirs(self.at("bitstreams", name), exist_ok=True)
        files = {}
        for file, (part, idcode) in parts.items():
            content = os.urandom(3000)
            with open(self.at("bitstreams", name, file), "wb") as f:
                f.write(content)
            files[file] = {"part": part, "idcode": idcode, "bytes": 3000, "sha256": hashlib.sha256(content).hexdigest()}
        self.manifest(name, dict({"board": name, "protocol": PROTOCOL, "lanes": 1, "clock_hz": 100000000, "usb_port": "control",
                                  "required_mhz": {"core": 100, "usb": 60}, "fmax_mhz": {"core": 105.5, "usb": 80.1},
                                  "files": files}, **more))

    def manifest(self, name, value=None, **change):
        path = self.at("bitstreams", name, "manifest.json")
        if value is None:
            with open(path) as f:
                value = json.load(f)
            value.update(change)
        with open(path, "w") as f:
            f.write(value if isinstance(value, str) else json.dumps(value))

    def loader(self, name, says="", code=0):
        with open(self.at("bin", name), "w") as f:
            f.write('#!/bin/sh\necho "%s $*" >>"%s"\n%s\nexit %d\n' % (
                name, self.at("calls"), 'echo "    %s" >&2' % says if says else "", code))
        os.chmod(self.at("bin", name), 0o755)

    def usb(self, vendor, product):
        d = self.at("usb", "1-%d" % (1 + len(os.listdir(self.at("usb")))))
        os.mkdir(d)
        for name, value in (("idVendor", vendor), ("idProduct", product)):
            with open(os.path.join(d, name), "w") as f:
                f.write(value + "\n")

    def calls(self):
        try:
            with open(self.at("calls")) as f:
                return f.read().replace(self.at("bitstreams"), "B").splitlines()
        except FileNotFoundError:
            return []

    def load(self, *args, bitstreams=True):
        # /bin/sh of the loaders needs no PATH
        environment = dict(os.environ, PATH=self.at("bin"), NAVE_USB_DEVICES=self.at("usb"))
        if bitstreams:
            environment["NAVE_BITSTREAMS"] = self.at("bitstreams")
        else:
            environment.pop("NAVE_BITSTREAMS", None)
        r = subprocess.run([NAVE, "load", *args], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                           timeout=60)
        return r.returncode, r.stdout, r.stderr


def equal(found, expected):
    assert found == expected, f"found {found!r}, expected {expected!r}"


def refused(result, code, *words):
    equal(result[0], code)
    assert result[2].startswith("nave: load: ") and result[2].count("\n") == 1, result[2]
    for word in words:
        assert word in result[2], f"{word!r} is not in {result[2]!r}"


@test
def the_part_that_the_board_tells_is_loaded():
    for idcode, file in (("21111043", "nave-12f.bit"), ("41111043", "nave-25f.bit")):
        with Desk() as d:
            d.usb("1d50", "615c")
            d.usb("1d6b", "0002")
            d.loader("apollo", says=idcode + " -- some ECP5")
            code, out, err = d.load()
            equal(code, 0)
            equal(d.calls(), ["apollo jtag-scan", f"apollo configure B/cynthion/{file}"])
            assert file in out and "100.00 MHz" in out, out


@test
def a_part_can_be_named_and_the_board_is_not_asked():
    with Desk() as d:
        d.loader("apollo")
        equal(d.load("cynthion", "--part", "12f")[0], 0)
        equal(d.load("cynthion", "--part", "LFE5U-25F", "--flash")[0], 0)
        equal(d.calls(), ["apollo configure B/cynthion/nave-12f.bit", "apollo flash-program B/cynthion/nave-25f.bit"])
        refused(d.load("cynthion", "--part", "85f"), 1, "85f", "LFE5U-12F, LFE5U-25F")


@test
def a_board_that_does_not_tell_its_part_is_not_guessed():
    with Desk() as d:
        d.loader("apollo", says="00000000 -- nothing")
        refused(d.load("cynthion"), 1, "--part")
        equal(d.calls(), ["apollo jtag-scan"])


@test
def the_ulx3s_takes_the_loader_that_is_there():
    with Desk() as d:
        d.usb("0403", "6015")
        d.loader("fujprog")
        equal(d.load()[0], 0)
        d.loader("openFPGALoader")
        equal(d.load()[0], 0)
        equal(d.load("--flash")[0], 0)
        equal(d.calls(), ["fujprog B/ulx3s/nave-85f.bit", "openFPGALoader -b ulx3s B/ulx3s/nave-85f.bit",
                          "openFPGALoader -b ulx3s -f B/ulx3s/nave-85f.bit"])


@test
def without_a_loader_it_says_what_to_install():
    with Desk() as d:
        refused(d.load("cynthion", "--part", "12f"), 1, "apollo", "pip install cynthion")
        refused(d.load("ulx3s"), 1, "openFPGALoader")


@test
def no_board_or_several_kinds_are_no_guess():
    with Desk() as d:
        d.loader("apollo")
        refused(d.load(), 1, "no board")
        d.usb("1d50", "615b")
        d.usb("0403", "6015")
        refused(d.load(), 1, "several")
        refused(d.load("orangecrab"), 2, "orangecrab", "cynthion and ulx3s")
        equal(d.calls(), [])


@test
def a_file_that_is_not_the_manifests_is_not_loaded():
    with Desk() as d:
        d.loader("openFPGALoader")
        path = d.at("bitstreams", "ulx3s", "nave-85f.bit")
        with open(path, "r+b") as f:
            f.seek(1234)
            byte = f.read(1)
            f.seek(1234)
            f.write(bytes([byte[0] ^ 1]))
        refused(d.load("ulx3s"), 1, "SHA-256")
        os.remove(path)
        refused(d.load("ulx3s"), 1, "nave-85f.bit")
        equal(d.calls(), [])


@test
def another_protocol_or_a_clock_that_does_not_close_is_refused():
    with Desk() as d:
        d.loader("openFPGALoader")
        d.manifest("ulx3s", protocol=PROTOCOL + 1)
        refused(d.load("ulx3s"), 1, "protocol 2")
        d.manifest("ulx3s", protocol=PROTOCOL, fmax_mhz={"core": 99.9, "usb": 80})
        refused(d.load("ulx3s"), 1, "slower")
        d.manifest("ulx3s", fmax_mhz={"usb": 80})
        refused(d.load("ulx3s"), 1, "slower")
        equal(d.calls(), [])


@test
def damaged_manifests_are_refused():
    with Desk() as d:
        d.loader("openFPGALoader")
        with open(d.at("bitstreams", "ulx3s", "manifest.json")) as f:
            whole = f.read()
        for cut in (0, 1, len(whole) // 2, len(whole) - 2):
            d.manifest("ulx3s", whole[:cut])
            refused(d.load("ulx3s"), 1, "manifest.json")
        good = json.loads(whole)
        for key in ("board", "protocol", "lanes", "clock_hz", "usb_port", "files"):
            d.manifest("ulx3s", {k: v for k, v in good.items() if k != key})
            refused(d.load("ulx3s"), 1, "manifest")
        for name in ("../cynthion/nave-12f.bit", "x" * 100):
            d.manifest("ulx3s", dict(good, files={name: good["files"]["nave-85f.bit"]}))
            refused(d.load("ulx3s"), 1, "manifest")
        d.manifest("ulx3s", dict(good, board="cynthion"))
        refused(d.load("ulx3s"), 1, "cynthion")
        os.remove(d.at("bitstreams", "ulx3s", "manifest.json"))
        refused(d.load("ulx3s"), 1, "--bitstreams")
        equal(d.calls(), [])


@test
def a_loader_that_fails_is_a_failure():
    with Desk() as d:
        d.loader("openFPGALoader", says="JTAG init failed", code=3)
        code, out, err = d.load("ulx3s")
        equal((code, out), (1, ""))
        assert "JTAG init failed" in err and "openFPGALoader ended with 3" in err, err


@test
def a_dry_run_shows_the_command_and_json_tells_all():
    with Desk() as d:
        d.loader("openFPGALoader")
        code, out, err = d.load("ulx3s", "--dry-run")
        equal((code, err), (0, ""))
        assert "would load" in out and "openFPGALoader -b ulx3s" in out, out
        equal(d.calls(), [])
        d.manifest("ulx3s", behind="the comment of a test")
        assert "the comment of a test" in d.load("ulx3s", "-n")[1]
        value = json.loads(d.load("ulx3s", "--json", "--bitstreams", d.at("bitstreams"), bitstreams=False)[1])
        equal((value["board"], value["loaded"], value["behind"]), ("ulx3s", True, "the comment of a test"))
        equal(value["loader"][:3], ["openFPGALoader", "-b", "ulx3s"])
        equal(len(d.calls()), 1)


def main():
    failed = 0
    for t in TESTS:
        try:
            t()
        except Exception:  # a test's whole story is wanted, whatever went wrong
            failed += 1
            print(f"FAIL {t.__name__}")
            traceback.print_exc(file=sys.stdout)
    print(f"{len(TESTS) - failed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
