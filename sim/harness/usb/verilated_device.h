/* rtl/usb/usb_device.v under Verilator as a Device; the word streams of the core side are callbacks.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_SIM_USB_VERILATED_DEVICE_H
#define NAVE_SIM_USB_VERILATED_DEVICE_H

#include "device.h"

#include <functional>
#include <memory>

class VerilatedContext;
class Vnave_usb;

namespace nave_usb
{

struct Word {
    uint32_t data = 0;
    bool flag = false; // to the card: first of a session; from the card: last of a transfer
};

class VerilatedDevice : public Device
{
  public:
    explicit VerilatedDevice(uint64_t serial = 0x0123456789abcdef);
    ~VerilatedDevice() override;
    // asked once a core clock: may a word be taken; a word to give; it was taken
    std::function<bool()> ready;
    std::function<void(const Word &)> take;
    std::function<bool(Word &)> offer;
    std::function<void()> given;
    bool suspended() const;
    bool configured() const;

    void settle(Pins &pins) override;
    void clock(const Pins &pins) override;
    uint32_t timer() override;
    void skip(uint32_t clocks) override;
    bool resting() override;

  private:
    std::unique_ptr<VerilatedContext> context_; // its own: each device may have a thread
    std::unique_ptr<Vnave_usb> top_;
    bool moved_ = false;
};

} // namespace nave_usb

#endif
