"""What the guest of usb-qemu is made of: Debian's stock kernel and an initramfs with busybox, libusb and the program.
SPDX-License-Identifier: ISC"""
import glob
import lzma
import os
import re
import shutil
import subprocess
import sys

APPLETS = ("sh mount insmod cat echo ls sleep usleep mkdir grep sed awk kill dd printf sha256sum head tail wc tr cut "
           "poweroff dmesg chmod rm cmp seq date timeout tee").split()


def run(command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout


def kernel(folder):
    """Path of a vmlinux and the folder of its modules; the package is fetched once, and nothing is installed."""
    unpacked = os.path.join(folder, "unpacked")
    vmlinux = os.path.join(folder, "vmlinux")
    if not os.path.exists(vmlinux):
        os.makedirs(folder, exist_ok=True)
        for attempt in range(2):
            depends = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True).stdout
            name = re.search(r"Depends: (linux-image-\S+-amd64)", depends)
            if name and subprocess.run(["apt-get", "download", "-q", name[1]], cwd=folder).returncode == 0:
                break
            if attempt or os.getuid() != 0:
                sys.exit("the kernel's package can't be fetched: run `apt-get update` as root, then this again")
            subprocess.run(["apt-get", "update", "-q"], stdout=subprocess.DEVNULL)
        package = glob.glob(os.path.join(folder, "linux-image-*.deb"))[0]
        run(["dpkg-deb", "-x", package, unpacked])
        os.unlink(package)
        image = open(glob.glob(os.path.join(unpacked, "boot", "vmlinuz-*"))[0], "rb").read()
        begin = image.index(b"\xfd7zXZ\0")
        with open(vmlinux + ".part", "wb") as f: # uncompressed it boots through PVH, without the real-mode loader
            f.write(lzma.LZMADecompressor().decompress(image[begin:]))
        os.rename(vmlinux + ".part", vmlinux)
    return vmlinux, glob.glob(os.path.join(unpacked, "lib", "modules", "*"))[0]


def module_order(folder, wanted):
    by_name = {os.path.basename(p)[:-3].replace("-", "_"): p for p in glob.glob(folder + "/kernel/**/*.ko", recursive=True)}
    order = []

    def visit(name):
        if name in order:
            return
        found = re.search(rb"\0depends=([^\0]*)\0", open(by_name[name], "rb").read())
        for d in (found[1].decode().split(",") if found and found[1] else []):
            visit(d.replace("-", "_"))
        order.append(name)

    for name in wanted:
        visit(name)
    return [by_name[name] for name in order]


def libraries(program):
    return re.findall(r"(/\S+\.so\S*)", run(["ldd", program]))


def initramfs(out, modules, programs, files):
    """programs: copied with their libraries to /bin; files: path in the guest -> path here."""
    root = out + ".d"
    shutil.rmtree(root, ignore_errors=True)
    for d in "bin lib lib64 proc sys dev tmp run/lock etc".split():
        os.makedirs(os.path.join(root, d))
    order = []
    for path in module_order(modules, ["xhci_pci"]):
        name = os.path.basename(path)
        run(["strip", "--strip-debug", "-o", os.path.join(root, "lib", name), path])
        order.append("/lib/" + name)
    open(os.path.join(root, "lib", "order"), "w").write("\n".join(order) + "\n")
    shutil.copy("/bin/busybox", os.path.join(root, "bin"))
    for a in APPLETS:
        os.symlink("busybox", os.path.join(root, "bin", a))
    for p in programs:
        target = os.path.join(root, "bin", os.path.basename(p))
        run(["strip", "-o", target, p])
        for l in libraries(p):
            to = os.path.join(root, "lib64" if "ld-linux" in l else "lib", os.path.basename(l))
            if not os.path.exists(to):
                shutil.copy(l, to)
    for to, path in files.items():
        shutil.copy(path, os.path.join(root, to))
    os.chmod(os.path.join(root, "init"), 0o755)
    archive = subprocess.run("find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0", shell=True, cwd=root,
                             check=True, capture_output=True).stdout
    open(out, "wb").write(archive)
    return len(archive)
