/* The card as the bus model sees it: ULPI pins, one clock at a time. Whoever has such pins (the USB device alone, the
 * whole card) implements this and can be driven by Host. SPDX-License-Identifier: ISC */
#ifndef NAVE_SIM_USB_DEVICE_H
#define NAVE_SIM_USB_DEVICE_H

#include <cstdint>

namespace nave_usb
{

struct Pins {
    // PHY to link
    uint8_t to_link = 0;
    bool dir = true;
    bool nxt = false;
    // link to PHY
    uint8_t from_link = 0;
    bool enable = false;
    bool stp = false;
    bool reset_n = false;
};

class Device
{
  public:
    virtual ~Device() = default;
    // outputs for the inputs in `pins` before the clock edge
    virtual void settle(Pins &pins) = 0;
    // one rising edge of the 60 MHz clock, with those inputs
    virtual void clock(const Pins &pins) = 0;
    // clocks until the device does something by itself although no pin moves; 0: never. Only called when pins rest.
    virtual uint32_t timer() = 0;
    // let that many clocks (fewer than timer()) pass at once
    virtual void skip(uint32_t clocks) = 0;
    // nothing moves inside, so time may be skipped
    virtual bool resting() = 0;
};

} // namespace nave_usb

#endif
