"""Netlists of Yosys: what is used, registers that belong into pins, pins against an .lpf. SPDX-License-Identifier: ISC"""
import json
import re

WIDTHS = {"LUT4": ("LUT", 1), "CCU2C": ("LUT", 2), "TRELLIS_DPR16X4": ("LUT", 4), "TRELLIS_FF": ("FF", 1),
          "MULT18X18D": ("DSP", 1), "DP16KD": ("EBR", 1)}


def load(path):
    with open(path) as f:
        return json.load(f)


def top_of(design):
    return next(m for m in design["modules"].values() if int(m["attributes"].get("top", "0"), 2))


def use(path):
    total = {"LUT": 0, "FF": 0, "DSP": 0, "EBR": 0}
    for cell in top_of(load(path))["cells"].values():
        if cell["type"] in WIDTHS:
            kind, width = WIDTHS[cell["type"]]
            total[kind] += width
    return total


def io_registers(path):
    """A register whose output goes to one output pin and nowhere else is put into that pin: its time is then the same in each
    bitstream. Registers with an enable, or whose reset is not a synchronous low, stay outside: they would differ."""
    design = load(path)
    module = top_of(design)
    users, driver = {}, {}
    for name, cell in module["cells"].items():
        for port, bits in cell["connections"].items():
            for bit in bits:
                if cell["port_directions"].get(port) == "output":
                    driver[bit] = name, port
                else:
                    users.setdefault(bit, []).append((name, port))
    pins = [cell["connections"]["I"][0] for cell in module["cells"].values()
            if cell["type"] == "TRELLIS_IO" and cell["connections"].get("I")]
    for port in module["ports"].values():  # their pads come with nextpnr
        if port["direction"] == "output":
            pins += port["bits"]
            for bit in port["bits"]:
                users.setdefault(bit, []).append(("", ""))
    moved = 0
    for bit in pins:
        source, port = driver.get(bit, (None, None))
        if source is None or len(users[bit]) != 1:
            continue
        register = module["cells"][source]
        p = {name: value.strip() for name, value in register.get("parameters", {}).items()}
        if register["type"] != "TRELLIS_FF" or p.get("CEMUX", "1") != "1" or p.get("LSRMUX", "LSR") != "LSR" or \
                p.get("REGSET", "RESET") != "RESET" or p.get("SRMODE", "LSR_OVER_CE") != "LSR_OVER_CE" or p.get("CLKMUX", "CLK") != "CLK":
            continue
        register["attributes"].update({"syn_useioff": "1", "ioff_dir": "output"})
        moved += 1
    with open(path, "w") as f:
        json.dump(design, f)
    return moved


def clock_names(path, outputs):
    """nextpnr calls a clock by any name of its net: from that to what `outputs` calls the PLL's output (cell.port)."""
    module = top_of(load(path))
    of_bit = {}
    for output, name in outputs.items():
        cell, port = output.rsplit(".", 1)
        of_bit[module["cells"][cell]["connections"][port][0]] = name
    names = {n: of_bit[v["bits"][0]] for n, v in module["netnames"].items() if len(v["bits"]) == 1 and v["bits"][0] in of_bit}
    return lambda text: names.get(text.replace("$glbnet$", ""), text)


def pins(path, top, lpf):
    """Bits of ports that the .lpf does not place, and places of what is no port."""
    ports = load(path)["modules"][top]["ports"]
    bits = {name if len(p["bits"]) == 1 else "%s[%d]" % (name, i) for name, p in ports.items() for i in range(len(p["bits"]))}
    with open(lpf) as f:
        placed = set(re.findall(r'LOCATE COMP "([^"]+)"', f.read()))
    return sorted(bits - placed), sorted(placed - bits)
