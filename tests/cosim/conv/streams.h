// Streams of a test with valid and ready, stalled at random: one end gives, the other takes.
// SPDX-License-Identifier: ISC
#ifndef NAVE_STREAMS_H
#define NAVE_STREAMS_H
#include "cosim.h"
#include <vector>

/* How often a side is not ready, of 8; 0 never. Swept by the tests. */
struct Stall {
    uint32_t of_8 = 0;
    bool now(Suite &s) const
    {
        return of_8 && s.below(8) < of_8;
    }
};

/* Words to give; `side` travels along (alignment). A word once offered stays until it is taken. */
struct Giver {
    std::vector<uint64_t> words;
    std::vector<uint8_t> side;
    size_t at = 0;
    bool offered = false;
    Stall stall;
    bool offer(Suite &s)
    {
        offered = at < words.size() && (offered || !stall.now(s));
        return offered;
    }
    void taken(bool handshake)
    {
        if (handshake) {
            at++;
            offered = false;
        }
    }
    void give(uint64_t w, uint8_t a = 0)
    {
        words.push_back(w);
        side.push_back(a);
    }
    void reset()
    {
        words.clear();
        side.clear();
        at = 0;
        offered = false;
    }
};

static inline uint64_t packed(const int32_t *w)
{
    return (uint32_t)w[0] | (uint64_t)(uint32_t)w[1] << 32;
}
#endif
