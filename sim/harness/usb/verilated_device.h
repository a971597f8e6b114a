/* rtl/usb/usb_device.v under Verilator as a Device; the word streams of the core side are two callbacks.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_SIM_USB_VERILATED_DEVICE_H
#define NAVE_SIM_USB_VERILATED_DEVICE_H

#include "Vnave_usb.h"
#include "Vnave_usb___024root.h"
#include "device.h"

#include <functional>

namespace nave_usb
{

struct Word {
    uint32_t data = 0;
    bool flag = false; // to the card: first of a session; from the card: last of a transfer
};

class VerilatedDevice : public Device
{
  public:
    VerilatedDevice()
    {
        top_.usb_rst = 1;
        top_.core_rst = 1;
        top_.ulpi_dir = 1;
        for (int i = 0; i < 8; i++) {
            edge_core();
            edge_usb();
        }
        top_.usb_rst = 0;
        top_.core_rst = 0;
    }
    // asked once a core clock: may a word be taken; a word to give; it was taken
    std::function<bool()> ready;
    std::function<void(const Word &)> take;
    std::function<bool(Word &)> offer;
    std::function<void()> given;
    Vnave_usb &top()
    {
        return top_;
    }

    void settle(Pins &pins) override
    {
        top_.ulpi_dir = pins.dir;
        top_.ulpi_nxt = pins.nxt;
        top_.ulpi_data_i = pins.to_link;
        top_.eval();
        pins.from_link = top_.ulpi_data_o;
        pins.enable = top_.ulpi_data_oe;
        pins.stp = top_.ulpi_stp;
        pins.reset_n = top_.phy_reset_n;
    }
    void clock(const Pins &) override
    {
        edge_usb();
        edge_core(); // 120 MHz
        edge_core();
    }
    uint32_t timer() override
    {
        return top_.rootp->nave_usb_device__DOT__u_reset__DOT__wait_q;
    }
    void skip(uint32_t clocks) override
    {
        uint32_t &wait = reinterpret_cast<uint32_t &>(top_.rootp->nave_usb_device__DOT__u_reset__DOT__wait_q);
        wait -= wait ? clocks : 0;
    }
    bool resting() override
    {
        bool rests = !moved_;
        moved_ = false;
        return rests;
    }

  private:
    void edge_usb()
    {
        top_.usb_clk = 1;
        top_.eval();
        top_.usb_clk = 0;
        top_.eval();
    }
    void edge_core()
    {
        top_.m_ready = ready && ready();
        Word word;
        top_.s_valid = offer && offer(word);
        top_.s_data = word.data;
        top_.s_last = word.flag;
        top_.eval();
        bool taken = top_.m_valid && top_.m_ready, gave = top_.s_valid && top_.s_ready;
        Word out;
        out.data = top_.m_data;
        out.flag = top_.m_start;
        top_.core_clk = 1;
        top_.eval();
        top_.core_clk = 0;
        top_.eval();
        if (taken && !top_.core_rst) {
            take(out);
        }
        if (gave && !top_.core_rst) {
            given();
        }
        moved_ = moved_ || taken || gave;
    }
    Vnave_usb top_;
    bool moved_ = false;
};

} // namespace nave_usb

#endif
