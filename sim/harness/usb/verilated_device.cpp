/* The Verilated USB device, see verilated_device.h: the only file that sees Verilator's headers.
 * SPDX-License-Identifier: ISC */
#include "verilated_device.h"

#include "Vnave_usb.h"
#include "Vnave_usb___024root.h"

namespace nave_usb
{

VerilatedDevice::VerilatedDevice(uint64_t serial) : context_(new VerilatedContext), top_(new Vnave_usb(context_.get()))
{
    top_->serial = serial;
    top_->usb_rst = 1;
    top_->core_rst = 1;
    top_->ulpi_dir = 1;
    for (int i = 0; i < 16; i++) {
        top_->usb_clk = top_->core_clk = i % 2;
        top_->eval();
    }
    top_->usb_rst = 0;
    top_->core_rst = 0;
}

// A model's end asks the thread for its context, which may be that of a device that is gone (Verilator 5.006).
VerilatedDevice::~VerilatedDevice()
{
    Verilated::threadContextp(context_.get());
    top_.reset();
    Verilated::threadContextp(Verilated::defaultContextp());
}

bool VerilatedDevice::suspended() const
{
    return top_->suspended;
}

bool VerilatedDevice::configured() const
{
    return top_->configured;
}

void VerilatedDevice::settle(Pins &pins)
{
    top_->ulpi_dir = pins.dir;
    top_->ulpi_nxt = pins.nxt;
    top_->ulpi_data_i = pins.to_link;
    top_->eval();
    pins.from_link = top_->ulpi_data_o;
    pins.enable = top_->ulpi_data_oe;
    pins.stp = top_->ulpi_stp;
    pins.reset_n = top_->phy_reset_n;
}

// The edges of both clocks share evaluations, which is what a simulation costs: 120 MHz against 60.
void VerilatedDevice::clock(const Pins &)
{
    for (bool usb : {true, false}) {
        Word word;
        // both ends are registered: what they say does not hang on what they are told
        top_->m_ready = ready && ready();
        top_->s_valid = offer && offer(word);
        top_->s_data = word.data;
        top_->s_last = word.flag;
        bool taken = top_->m_valid && top_->m_ready, gave = top_->s_valid && top_->s_ready;
        Word out;
        out.data = top_->m_data;
        out.flag = top_->m_start;
        top_->usb_clk = usb;
        top_->core_clk = 1;
        top_->eval();
        top_->usb_clk = 0;
        top_->core_clk = 0;
        if (usb) {
            top_->eval(); // the second fall is seen with the next settle()
        }
        if (taken) {
            take(out);
        }
        if (gave) {
            given();
        }
        moved_ = moved_ || taken || gave;
    }
}

uint32_t VerilatedDevice::timer()
{
    return top_->rootp->nave_usb_device__DOT__u_reset__DOT__wait_q;
}

void VerilatedDevice::skip(uint32_t clocks)
{
    auto &wait = top_->rootp->nave_usb_device__DOT__u_reset__DOT__wait_q;
    wait -= wait ? clocks : 0;
}

bool VerilatedDevice::resting()
{
    bool rests = !moved_;
    moved_ = false;
    return rests;
}

} // namespace nave_usb
