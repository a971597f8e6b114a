"""The program of rtl/dyn/true_peak.v: which two words of a channel's history a clock adds, by which tap the sum is
multiplied, to which sum the product goes. Made from the taps, so that their symmetry is used where it is there.
SPDX-License-Identifier: ISC

A word is named by its age in frames. Sums: phase 0, phase 2, phases 1 + 3, phases 1 - 3 (the taps of 3 are those of 1
backwards, so both need half the multiplies, and the larger of both is |1 + 3| / 2 + |1 - 3| / 2), what lies above the
pass band."""
BOTH, PHASE_0, PHASE_2, _, ABOVE, DIFFERENCE = range(6)
NARROW, UPPER, LOWER = 1, 2, 3  # a word as 18 bits; the sample in the middle in halves
SLOTS, LINE_BITS, SUM_BITS, WORD_BITS = 128, 36, 38, 18


def multiplies(phases, above):
    """(age a, age b or None, a - b, tap, sum), in an order in which one of a and b at most changes from one to the
    next."""
    taps, half = len(phases[0]), len(phases[0]) // 2
    assert taps == 32 and phases[3] == phases[1][::-1]

    def pair(a, b, row, sum_):  # and what a's tap has more than b's
        yield a, b, 0, row[b], sum_
        if row[a] != row[b]:
            yield a, None, 0, row[a] - row[b], sum_

    def one(a, row, sum_):
        if row[a]:
            yield a, None, 0, row[a], sum_

    # the oldest first: the next frame's word takes its place while this one's run ends
    yield from one(taps - 1, phases[0], PHASE_0)
    for k in range(half):
        mirror = taps - 1 - k
        yield k, mirror, 0, phases[1][k] + phases[1][mirror], BOTH
        yield k, mirror, 1, phases[1][k] - phases[1][mirror], DIFFERENCE
        yield from pair(k, mirror, phases[2], PHASE_2)
        if above and k:
            yield from pair(k, taps - k, above, ABOVE)
        yield from pair(k, taps - 2 - k, phases[0], PHASE_0) if k < half - 1 else one(k, phases[0], PHASE_0)
    if above:
        yield from one(half, above, ABOVE)
        yield from one(0, above, ABOVE)


def program(phases, above):
    slots, a, b, started, most = [], None, None, set(), {}
    for new_a, new_b, minus, tap, sum_ in multiplies(phases, above):
        loads = [(to_b, age) for to_b, age, old in ((0, new_a, a), (1, new_b, b)) if age not in (None, old)]
        if len(loads) == 2:  # a slot reads one word
            slots.append({"load": loads.pop()})
        slots.append({"load": loads[0] if loads else None, "tap": tap, "sum": sum_, "minus": minus,
                      "both": int(new_b is not None), "fresh": int(sum_ not in started)})
        started.add(sum_)
        most[sum_] = most.get(sum_, 0) + abs(tap) * (2 if new_b is not None else 1)
        assert abs(tap) < 1 << 17
        a, b = new_a, b if new_b is None else new_b
    assert max(most.values()) << (WORD_BITS - 1) < 1 << (SUM_BITS - 2), "sums, and twice a phase, fit"
    assert most.get(ABOVE, 0) << (WORD_BITS - 1) < 1 << 33, "what lies above, a 4th of it, is below 2^31"
    free = [s for s in slots if not s["load"]]
    free[-1]["half"], free[-2]["half"] = LOWER, UPPER
    slots[-3]["near_end"] = 1
    assert len(slots) <= SLOTS
    return slots


def encode(slot):
    word = 0
    if "tap" in slot:
        word = (slot["tap"] & 0x3ffff) | slot["sum"] << 18 | slot["fresh"] << 21 | slot["both"] << 22
        word |= slot["minus"] << 23 | 1 << 24
    if slot.get("load"):
        word |= slot["load"][1] << 25 | NARROW << 30 | slot["load"][0] << 32
    elif "half" in slot:
        word |= 16 << 25 | slot["half"] << 30
    return word | slot.get("near_end", 0) << 33


def lines(phases, above):
    """Two programs: with what lies above the pass band, and without."""
    text = ""
    for rows in (above, None):
        words = [encode(s) for s in program(phases, rows)]
        text += "".join("%09x\n" % w for w in words + [0] * (SLOTS - len(words)))
    return text
