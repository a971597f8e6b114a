/* What befalls a card at its port, on command: a pulled plug, a bad cable, a card that hangs.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_SIM_USB_BEFALL_H
#define NAVE_SIM_USB_BEFALL_H

#include "port.h"

namespace nave_usb
{

class Befall
{
  public:
    Befall(Port &port, uint64_t seed) : port_(port), random_(seed * 0x9e3779b97f4a7c15u + 5)
    {
    }
    // "unplug MS": pulled now, back MS later; "unplug MS after N": when N more pieces of transfers were done;
    // "spoil N": of 1000 packets N are spoiled, each way; "storm N": the card takes words in one of two stretches of N
    // core clocks; "lie A B": of answers that say A, the card says B; "hang", "work": the card neither takes nor gives
    // words; "lossy": what a cancelled transfer held is lost; "halt": both pipes stall; "reset": of the bus, that the
    // driver hears nothing of; "suspend": and resumed at once. Each may end with "after N". False: no such command.
    bool command(const std::string &line, uint64_t now_ms);
    bool plugged(uint64_t now_ms); // may it be in the port now?
    uint64_t wait_ms(uint64_t now_ms, uint64_t most) const;
    uint64_t spoiled = 0;
    std::function<void(bool)> hang;
    std::function<void(unsigned)> storm;
    std::function<void(uint32_t, uint32_t)> lie;

  private:
    bool act(const std::string &what, uint64_t now_ms);
    void spoil(unsigned per_mille);
    Port &port_;
    std::mt19937_64 random_;
    uint64_t back_at_ = 0;
    uint64_t at_piece_ = ~uint64_t(0);
    std::string later_; // done at that piece
    bool away_ = false;
};

} // namespace nave_usb

#endif
