/* A card behind the Verilated USB device, see model_card.h.
 * SPDX-License-Identifier: ISC */
#include "model_card.h"

extern "C" {
#include "../../../driver/card.h"
#include "../../model/card.h"
#include "../../model/dsp.h"
}

#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace nave_usb
{

constexpr size_t IN_WORDS = 256;    // what waits before the model runs
constexpr size_t OUT_WORDS = 65536; // what may wait for the host before the card stops

ModelCard::ModelCard(uint64_t serial) : usb_(serial)
{
    const char *spec = getenv("NAVE_CARD");
    if (spec && *spec) {
        nave_text why = {};
        if (strncmp(spec, "sim:", 4) != 0 || nave_backend_sim.open(&card_, spec + 4, &why) != NAVE_OK) {
            throw std::runtime_error(std::string("NAVE_CARD: ") + (why.text[0] ? why.text : "only sim: is known"));
        }
        backend_ = &nave_backend_sim;
        connect();
        return;
    }
    model_ = c_card();
    if (!model_) {
        throw std::runtime_error("no memory for the C card");
    }
    connect();
}

nave_model *ModelCard::c_card()
{
    nave_model_config config = {};
    config.ram_bytes = 32u << 20;
    config.clock_hz = 120000000;
    config.lanes = 2;
    config.log2_max_partition = 13;
    config.cpu_mask = ~0u;
    return nave_model_create(&config);
}

void ModelCard::connect()
{
    usb_.ready = [this] {
        bool calm = !storm || clocks_++ / storm % 2 == 0;
        return calm && !deaf && in_.size() < IN_WORDS && out_.size() < OUT_WORDS;
    };
    usb_.take = [this](const Word &w) {
        in_.push_back(w.data); // the mark of a session is no word of the link: rtl/link does not take it either
        rested_ = 0;
        if (in_.size() == IN_WORDS) {
            run();
        }
    };
    usb_.offer = [this](Word &w) {
        if (out_.empty() && !in_.empty() && ++rested_ > 64) {
            run();
        }
        if (out_.empty() || deaf) {
            return false;
        }
        w = out_.front();
        return true;
    };
    usb_.given = [this] {
        out_.pop_front();
        given_++;
        if (out_.size() < OUT_WORDS / 2 && (more_ || !in_.empty())) {
            run();
        }
    };
}

ModelCard::~ModelCard()
{
    if (backend_) {
        backend_->close(card_);
    } else {
        nave_model_destroy(model_);
    }
}

size_t ModelCard::write(const uint32_t *words, size_t count)
{
    if (model_) {
        return nave_model_write(model_, words, count * 4) / 4;
    }
    size_t taken = 0;
    if (count && backend_->send(card_, words, count * 4, &taken) != NAVE_OK) {
        deaf = true; // it died: to the host it hangs
    }
    return taken / 4;
}

const uint8_t *ModelCard::read(size_t *bytes)
{
    if (model_) {
        return nave_model_read(model_, bytes);
    }
    const uint8_t *frame = nullptr;
    return backend_->receive(card_, &frame, bytes, 0) == NAVE_OK ? frame : nullptr;
}

bool ModelCard::pending()
{
    return !deaf && (storm || !out_.empty() || !in_.empty() || more_);
}

void ModelCard::say(const uint8_t *frame, size_t n)
{
    std::vector<uint32_t> words(n / 4);
    memcpy(words.data(), frame, n);
    if (truth != lie && (words[1] >> 8 & 0xff) == NAVE_FRAME_REPLY && words[10] == truth) {
        nave_dsp dsp;
        nave_dsp_init(&dsp, NAVE_CPU_ALL);
        words[10] = lie;
        words[11] = dsp.crc32c(0, &words[8], 12);
    }
    for (size_t i = 0; i < words.size(); i++) {
        Word w;
        w.data = words[i];
        w.flag = i + 1 == words.size();
        out_.push_back(w);
    }
}

void ModelCard::run()
{
    rested_ = 0;
    more_ = false;
    for (;;) {
        size_t taken = write(in_.data(), in_.size());
        in_.erase(in_.begin(), in_.begin() + long(taken));
        size_t n = 0;
        const uint8_t *frame = read(&n);
        if (!frame) {
            return;
        }
        for (; frame; frame = read(&n)) {
            say(frame, n);
            if (out_.size() > OUT_WORDS) {
                more_ = true;
                return;
            }
        }
    }
}

} // namespace nave_usb
