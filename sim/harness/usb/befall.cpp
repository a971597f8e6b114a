/* What befalls a card at its port, see befall.h.
 * SPDX-License-Identifier: ISC */
#include "befall.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace nave_usb
{

bool Befall::command(const std::string &line, uint64_t now_ms)
{
    size_t after = line.find(" after ");
    if (after == std::string::npos) {
        return act(line, now_ms);
    }
    later_ = line.substr(0, after);
    at_piece_ = port_.packets + strtoull(line.c_str() + after + 7, nullptr, 10);
    return true;
}

bool Befall::act(const std::string &what, uint64_t now_ms)
{
    unsigned long long n = 0, m = 0;
    if (sscanf(what.c_str(), "unplug %llu", &n) == 1) {
        away_ = true;
        back_at_ = now_ms + n;
    } else if (sscanf(what.c_str(), "spoil %llu", &n) == 1) {
        spoil(unsigned(n));
    } else if (sscanf(what.c_str(), "storm %llu", &n) == 1 && storm) {
        storm(unsigned(n));
    } else if (sscanf(what.c_str(), "lie %llu %llu", &n, &m) == 2 && lie) {
        lie(uint32_t(n), uint32_t(m));
    } else if ((what == "hang" || what == "work") && hang) {
        hang(what == "hang");
    } else if (what == "halt") {
        for (uint16_t endpoint : {0x01, 0x81}) {
            port_.host.control({2, 3, 0, endpoint, 0});
        }
    } else if (what == "lossy") {
        port_.lossy = true;
    } else if (what == "reset") {
        port_.reset();
    } else if (what == "suspend") {
        port_.host.suspend();
        port_.host.resume();
    } else {
        return false;
    }
    return true;
}

bool Befall::plugged(uint64_t now_ms)
{
    if (port_.packets >= at_piece_) {
        at_piece_ = ~uint64_t(0);
        act(later_, now_ms);
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
