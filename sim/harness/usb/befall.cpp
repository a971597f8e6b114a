/* What befalls a card at its port, see befall.h.
 * SPDX-License-Identifier: ISC */
#include "befall.h"

#include <algorithm>
#include <cstdio>

namespace nave_usb
{

bool Befall::command(const std::string &line, uint64_t now_ms)
{
    unsigned long long ms = 0, pieces = 0;
    unsigned per_mille = 0;
    int n = sscanf(line.c_str(), "unplug %llu after %llu", &ms, &pieces);
    if (n >= 1) {
        away_ms_ = ms;
        pull_at_piece_ = port_.packets + (n == 2 ? pieces : 0);
        if (n == 1) {
            away_ = true;
            back_at_ = now_ms + ms;
            pull_at_piece_ = ~uint64_t(0);
        }
        return true;
    }
    if (sscanf(line.c_str(), "spoil %u", &per_mille) == 1) {
        spoil(per_mille);
        return true;
    }
    if (line == "hang" || line == "work") {
        if (hang) {
            hang(line == "hang");
        }
        return true;
    }
    return false;
}

bool Befall::plugged(uint64_t now_ms)
{
    if (!away_ && port_.packets >= pull_at_piece_) {
        away_ = true;
        back_at_ = now_ms + away_ms_;
        pull_at_piece_ = ~uint64_t(0);
    }
    if (away_ && now_ms >= back_at_) {
        away_ = false;
        return true;
    }
    return !away_;
}

uint64_t Befall::wait_ms(uint64_t now_ms, uint64_t most) const
{
    return away_ ? std::min(most, back_at_ > now_ms ? back_at_ - now_ms : 0) : most;
}

// A damaged bit, a cut, a lost or a repeated packet. Three in a row end a transfer, which is rare enough at a few per
// mille to be seen as what it is: a cable that is no good.
void Befall::spoil(unsigned per_mille)
{
    port_.host.spoil_out = nullptr;
    port_.host.spoil_in = nullptr;
    if (!per_mille) {
        return;
    }
    port_.host.spoil_out = [this, per_mille](Spoiled &s) {
        if (random_() % 1000 >= per_mille || s.bytes.empty()) {
            return;
        }
        spoiled++;
        switch (random_() % 4) {
        case 0:
            s.bytes[random_() % s.bytes.size()] ^= uint8_t(1 << random_() % 8);
            break;
        case 1:
            s.bytes.resize(random_() % s.bytes.size() + 1);
            break;
        case 2:
            s.lost = true;
            break;
        default:
            s.error_at = int(random_() % s.bytes.size());
        }
    };
    port_.host.spoil_in = [this, per_mille](Bytes &b) {
        if (random_() % 1000 >= per_mille || b.empty()) {
            return true;
        }
        spoiled++;
        switch (random_() % 3) {
        case 0:
            b[random_() % b.size()] ^= uint8_t(1 << random_() % 8);
            return true;
        case 1:
            b.resize(random_() % b.size());
            return true;
        default:
            return false;
        }
    };
}

} // namespace nave_usb
