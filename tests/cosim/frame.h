// A frame of the host, and what a C card says to the words of it.
// SPDX-License-Identifier: ISC
#pragma once
#include "c_card.h"
#include <cstring>
#include <vector>

typedef std::vector<uint32_t> Words;

// One that the card would take next; a test makes it worse.
struct Frame {
    const nave_model *card;
    uint32_t version = NAVE_PROTOCOL_VERSION, type, context, sequence, epoch;
    uint64_t position;
    Words payload;
    Frame(const nave_model *card, uint32_t type, uint32_t context, uint64_t position, Words payload)
        : card(card), type(type), context(context), sequence(test_expected_sequence(card)), epoch(test_epoch(card)),
          position(position), payload(std::move(payload))
    {
    }
    Words words() const
    {
        Words w = {
            NAVE_MAGIC,         version | type << 8 | context << 16, sequence, epoch, (uint32_t)payload.size() * 4,
            (uint32_t)position, (uint32_t)(position >> 32)};
        w.push_back(test_crc(card, w.data(), 28));
        if (!payload.empty()) {
            w.insert(w.end(), payload.begin(), payload.end());
            w.push_back(test_crc(card, payload.data(), (uint32_t)payload.size() * 4));
        }
        return w;
    }
};

// Every frame that comes out of the card for these words.
static inline std::vector<Words> answers_to(nave_model *card, const Words &in)
{
    std::vector<Words> out;
    size_t done = 0, n;
    do {
        done += nave_model_write(card, (const uint8_t *)in.data() + done, in.size() * 4 - done);
        while (const uint8_t *f = nave_model_read(card, &n)) {
            out.emplace_back(n / 4);
            memcpy(out.back().data(), f, n);
        }
    } while (done < in.size() * 4);
    return out;
}
