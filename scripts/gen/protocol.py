#!/usr/bin/env python3
"""One table of the link protocol -> driver/protocol.h, rtl/link/protocol.vh, driver/protocol.md.

Usage: protocol.py [--check] ROOT   (--check: exit 1 if a committed file differs)"""
import os
import sys

CONSTANTS = [
    ("MAGIC", 0x4556414E, "first word of a frame: the letters NAVE in memory order"),
    ("PROTOCOL_VERSION", 1, "raised when an old host and a new card (or the reverse) would misunderstand each other"),
    ("HEADER_BYTES", 32, "of each frame"),
    ("MAX_PAYLOAD_BYTES", 65536, "of one frame, a multiple of 4"),
    ("MAX_PENDING_PARAMS", 256, "parameter changes that a context keeps for later frames"),
    ("FORMAT_Q28", 0, "audio out in 32-bit words, 28 fraction bits"),
    ("FORMAT_Q44", 1, "audio out in 64-bit words, 44 fraction bits, limited to 48 bits"),
    ("FEATURE_DYNAMICS", 1, "of FEATURES: contexts take dynamics plans and DIAL"),
    ("PARAM_WET", 1, "gain of the convolver's sum, Q4.28"),
    ("PARAM_DRY", 2, "gain of the input that is added to the output of the same number, Q4.28"),
]
FRAMES = [
    ("SYNC", 0x01, "host", "-", "New session epoch (that of the header): stops all contexts, expects sequence + 1 next. Accepted whatever the old epoch and sequence. Output that waits is dropped or, where it is under way, ends with the old epoch"),
    ("REG_READ", 0x02, "host", "-", "position: register address. The reply carries its value"),
    ("REG_WRITE", 0x03, "host", "u32 value", "position: register address"),
    ("RAM_WRITE", 0x04, "host", "words", "position: byte address, a multiple of 4"),
    ("RAM_READ", 0x05, "host", "u32 bytes", "position: byte address. Answered by DATA"),
    ("PLAN_LOAD", 0x06, "host", "plan words", "position: byte address of the context's RAM region, a multiple of 64, apart from the regions of other contexts that hold a plan (BAD_ADDRESS). Checked whole before anything is kept"),
    ("START", 0x07, "host", "u32 format", "Clears rings and spectra of the input, sets unity wet and no dry, begins at frame 0"),
    ("STOP", 0x08, "host", "-", "The plan stays loaded"),
    ("UNLOAD", 0x09, "host", "-", "Frees the context"),
    ("AUDIO_IN", 0x0A, "host", "channel after channel, i32 Q4.28", "position: its first frame, which must be the next one. No reply but output and errors"),
    ("PARAM", 0x0B, "host", "u32 parameter, i32 value", "position: the frame from which it holds; not yet written and not before an earlier change"),
    ("DIAL", 0x0C, "host", "for each: u32 dial, u32 ramp frames, i64 value", "Dials of a dynamics engine. position: the frame from which they move, not yet written. Applied all or not at all; at most 1024 wait. BAD_TYPE where FEATURES has no dynamics"),
    ("REPLY", 0x81, "card", "u32 sequence, u32 status, u32 value", "Answers the command with that sequence"),
    ("AUDIO_OUT", 0x82, "card", "channel after channel, in the started format", "position: its first frame"),
    ("DATA", 0x83, "card", "words", "position: address; answers RAM_READ"),
    ("ERROR", 0x84, "card", "u32 sequence, u32 status, u32 detail", "A frame was refused; nothing of it was applied"),
    ("METERS", 0x85, "card", "u32 channels + 256 bands, u32 frames, i32 lowest gain of the limiter; for each channel, input then output: u32 peak, u32 true peak, u64 sum of squares; for each of 8 bands and channel: i32 lowest gain", "Of a dynamics engine whose plan asks for it, after the audio of each tick. position: the frame after the last that it tells of. Gains are log2, Q7.25; peaks Q28; squares are cut to Q40; true peaks come 16 frames late"),
]
STATUS = [
    ("OK", 0, "done"),
    ("BAD_TYPE", 1, "unknown frame type"),
    ("BAD_LENGTH", 2, "the payload has another length than the type allows"),
    ("BAD_CONTEXT", 3, "no such context"),
    ("BAD_ADDRESS", 4, "register or RAM address outside the card, or a region that overlaps another context's"),
    ("BAD_PLAN", 5, "the plan is malformed or leaves its region; detail: the first bad word"),
    ("BAD_STATE", 6, "the context has no plan, or runs, or does not run"),
    ("BAD_POSITION", 7, "audio or parameter for another frame than expected; detail: low word of the expected one"),
    ("BAD_SEQUENCE", 8, "a frame is missing; detail: the expected sequence. Send again from there"),
    ("BAD_VERSION", 9, "the frame's protocol version is not the card's"),
    ("BAD_VALUE", 10, "a parameter, format or register value is out of range"),
    ("BAD_PAYLOAD", 11, "CRC of the payload is wrong"),
    ("FULL", 12, "no room for another parameter change"),
]
REGISTERS = [
    ("ID", 0x00, "r", "the magic word"),
    ("PROTOCOL", 0x04, "r", "protocol version"),
    ("CARD_VERSION", 0x08, "r", "major << 16 | minor << 8 | patch"),
    ("RAM_KIB", 0x0C, "r", "size of the RAM in KiB"),
    ("CLOCK_HZ", 0x10, "r", "core clock; 0: a program"),
    ("LANES", 0x14, "r", "complex multiply-accumulate lanes"),
    ("MAX_PARTITION", 0x18, "r", "frames"),
    ("CONTEXTS", 0x1C, "r", "number of contexts"),
    ("SCRATCH", 0x20, "rw", "keeps what is written"),
    ("MAX_PLAN_WORDS", 0x24, "r", "words of the longest plan that the card takes"),
    ("FEATURES", 0x28, "r", "bit 0: dynamics engines. A card that has none of the features may have no such register (BAD_ADDRESS)"),
    ("FRAMES_OK", 0x40, "r", "frames accepted since power-on; this and the following counters wrap"),
    ("HEADER_ERRORS", 0x44, "r", "words skipped while looking for a valid header"),
    ("PAYLOAD_ERRORS", 0x48, "r", "payload CRC errors"),
    ("STALE_FRAMES", 0x4C, "r", "frames of another epoch, dropped"),
    ("SEQUENCE_ERRORS", 0x50, "r", "frames refused because one before them is missing"),
    ("REFUSED", 0x54, "r", "frames answered with ERROR or a status that is not OK"),
    ("TICKS", 0x58, "r", "ticks run, all contexts"),
    ("CLIPPED", 0x5C, "r", "output words that were limited, all contexts"),
]
CONTEXT_REGISTERS = [
    ("CONTEXT_STATE", 0x00, "r", "0 free, 1 plan loaded, 2 running"),
    ("CONTEXT_TICKS", 0x04, "r", "ticks since start"),
    ("CONTEXT_FRAMES_IN", 0x08, "r", "frames taken since start, low word"),
    ("CONTEXT_FRAMES_OUT", 0x0C, "r", "frames given since start, low word"),
    ("CONTEXT_CLIPPED", 0x10, "r", "output words that were limited since start"),
    ("CONTEXT_CYCLES_WORST", 0x14, "r", "core clocks of the longest tick since start, waits for the host not counted; 0: a program"),
    ("CONTEXT_CYCLES", 0x18, "r", "core clocks of all ticks since start, waits for the host not counted; 0: a program"),
]
CONTEXT_BASE, CONTEXT_STRIDE = 0x100, 0x40


def entries():
    for name, value, text in CONSTANTS:
        yield name, value, text
    for name, value, _, _, text in FRAMES:
        yield "FRAME_" + name, value, text
    for name, value, text in STATUS:
        yield "STATUS_" + name, value, text
    for name, value, _, text in REGISTERS:
        yield "REG_" + name, value, text
    yield "REG_CONTEXT_BASE", CONTEXT_BASE, "registers of context c start at base + c * stride"
    yield "REG_CONTEXT_STRIDE", CONTEXT_STRIDE, ""
    for name, value, _, text in CONTEXT_REGISTERS:
        yield "REG_" + name, value, text + " (offset)"


def c_header():
    out = ["/* Generated by scripts/gen/protocol.py from its table; the page is driver/protocol.md.",
           " * SPDX-License-Identifier: ISC */", "#ifndef NAVE_PROTOCOL_H", "#define NAVE_PROTOCOL_H", ""]
    for name, value, _ in entries():
        out.append("#define NAVE_%s 0x%xu" % (name, value))
    out += ["", "#endif", ""]
    return "\n".join(out)


def verilog_header():
    out = ["// Generated by scripts/gen/protocol.py from its table; the page is driver/protocol.md.",
           "// SPDX-License-Identifier: ISC"]
    for name, value, _ in entries():
        out.append("localparam [31:0] NAVE_%s = 32'h%08x;" % (name, value))
    return "\n".join(out) + "\n"


PAGE = """# The link protocol
Generated by scripts/gen/protocol.py from its table: do not edit.

The link is a stream of little-endian 32-bit words each way (USB: one bulk pipe each way, any cut into packets). It carries
frames: a header of 8 words, then, if the length isn't 0, the payload and its CRC.

| word | field | |
|---|---|---|
| 0 | magic | `NAVE` |
| 1 | version, type, context | bits 7..0, 15..8, 31..16 |
| 2 | sequence | one more with each frame of this direction |
| 3 | epoch | the session; the host chooses it at SYNC |
| 4 | length | payload bytes, a multiple of 4, at most 65536 |
| 5, 6 | position | 64 bits: frame of the stream, or an address |
| 7 | header CRC | CRC-32C of words 0..6 |
| 8.. | payload, CRC-32C of the payload | only if the length isn't 0 |

CRC-32C is the Castagnoli polynomial, reflected, start and final value inverted (RFC 3720): better distance than the Ethernet polynomial at
these lengths, and an instruction on both families of host CPUs.

Rules
- The header has its own CRC, so that a length is trusted before it is used. A word that doesn't begin a valid header is skipped
  and counted; the search goes on at the next word.
- A frame of another epoch is dropped and counted. A frame whose sequence is not the expected one is refused with BAD_SEQUENCE and changes
  nothing, so the host may send again from the named sequence. A payload is applied only after its CRC was right; the sequence of a frame with a wrong payload
  CRC stays expected.
- A card may keep a payload that is longer than its own buffer in RAM that RAM_KIB doesn't count, until its CRC was seen. The RTL does so above 4 KiB.
- Each command but AUDIO_IN is answered by exactly one REPLY, DATA or ERROR. Audio carries its position, so a loss is seen at once and named.
- AUDIO_OUT for a tick is sent when the last frame of that tick has come in. The card does not read the next AUDIO_IN before there is
  room for the output that it will cause: the host reads until nothing is left, then writes.
"""


def page():
    out = [PAGE]
    out.append("## Frames\n\n| type | code | from | payload | |\n|---|---|---|---|---|")
    for name, value, side, payload, text in FRAMES:
        out.append("| %s | 0x%02x | %s | %s | %s |" % (name, value, side, payload, text))
    out.append("\n## Status\n\n| status | code | |\n|---|---|---|")
    for name, value, text in STATUS:
        out.append("| %s | %d | %s |" % (name, value, text))
    out.append("\n## Registers\n\n| register | address | access | |\n|---|---|---|---|")
    for name, value, access, text in REGISTERS:
        out.append("| %s | 0x%03x | %s | %s |" % (name, value, access, text))
    for name, value, access, text in CONTEXT_REGISTERS:
        out.append("| %s | 0x%03x + 0x%02x c + 0x%02x | %s | %s |" % (name, CONTEXT_BASE, CONTEXT_STRIDE, value, access, text))
    out.append("\n## Constants\n\n| constant | value | |\n|---|---|---|")
    for name, value, text in CONSTANTS:
        out.append("| %s | 0x%x | %s |" % (name, value, text))
    return "\n".join(out) + "\n"


def main():
    check = "--check" in sys.argv
    root = sys.argv[-1]
    stale = 0
    for path, text in (("driver/protocol.h", c_header()), ("rtl/link/protocol.vh", verilog_header()),
                       ("driver/protocol.md", page())):
        full = os.path.join(root, path)
        if check:
            same = os.path.exists(full) and open(full).read() == text
            if not same:
                print("%s is not what scripts/gen/protocol.py makes: run `make generate`" % path)
                stale = 1
        else:
            with open(full, "w") as f:
                f.write(text)
    sys.exit(stale)


if __name__ == "__main__":
    main()
