/* A card behind the Verilated USB device: words go between them as between rtl/usb and rtl/card. $NAVE_CARD says which:
 * nothing is the C card, "sim:board=cynthion" and the like the Verilated one as driver/sim.c runs it.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_SIM_USB_MODEL_CARD_H
#define NAVE_SIM_USB_MODEL_CARD_H

#include "port.h"
#include "verilated_device.h"

#include <deque>
#include <vector>

struct nave_model;
struct nave_card;
struct nave_card_backend;

namespace nave_usb
{

class ModelCard : public CardDevice
{
  public:
    explicit ModelCard(uint64_t serial = 0x0123456789abcdef);
    ~ModelCard() override;
    static nave_model *c_card(); // one as is behind the device, if $NAVE_CARD says nothing
    Device &device() override
    {
        return usb_;
    }
    bool pending() override;
    uint64_t words_given() override
    {
        return given_;
    }
    std::string state() const
    {
        return std::to_string(in_.size()) + " words in, " + std::to_string(out_.size()) + " out" +
               (deaf ? ", deaf" : "") + (more_ ? ", more" : "");
    }
    bool deaf = false; // takes nothing and says nothing, as a card that hangs
    // a REPLY whose value is the first says the second instead: another version, say
    uint32_t truth = 0, lie = 0;
    unsigned storm = 0; // core clocks in which it takes words, and as many in which it doesn't; 0: always

  private:
    void run(); // lets the card have what came, and takes what it says
    void connect();
    void say(const uint8_t *frame, size_t n);
    size_t write(const uint32_t *words, size_t count);
    const uint8_t *read(size_t *bytes);
    VerilatedDevice usb_;
    nave_model *model_ = nullptr;
    const nave_card_backend *backend_ = nullptr; // if it is no C card
    nave_card *card_ = nullptr;
    std::vector<uint32_t> in_;
    std::deque<Word> out_;
    unsigned rested_ = 0; // core clocks since the last word came
    uint64_t given_ = 0, clocks_ = 0;
    bool more_ = false; // the model has more to say than there is room for
};

} // namespace nave_usb

#endif
