/* The Verilated USB device, see verilated_device.h: the only file that sees Verilator's headers.
 * SPDX-License-Identifier: ISC */
#include "verilated_device.h"

#include "Vnave_usb.h"
#include "Vnave_usb___024root.h"

namespace nave_usb
{

VerilatedDevice::VerilatedDevice() : top_(new Vnave_usb)
{
    top_->usb_rst = 1;
    top_->core_rst = 1;
    top_->ulpi_dir = 1;
    for (int i = 0; i < 8; i++) {
        edge_core();
        edge_usb();
    }
    top_->usb_rst = 0;
    top_->core_rst = 0;
}

VerilatedDevice::~VerilatedDevice() = default;

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

void VerilatedDevice::clock(const Pins &)
{
    edge_usb();
    edge_core(); // 120 MHz
    edge_core();
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

void VerilatedDevice::edge_usb()
{
    top_->usb_clk = 1;
    top_->eval();
    top_->usb_clk = 0;
    top_->eval();
}

void VerilatedDevice::edge_core()
{
    top_->m_ready = ready && ready();
    Word word;
    top_->s_valid = offer && offer(word);
    top_->s_data = word.data;
    top_->s_last = word.flag;
    top_->eval();
    bool taken = top_->m_valid && top_->m_ready, gave = top_->s_valid && top_->s_ready;
    Word out;
    out.data = top_->m_data;
    out.flag = top_->m_start;
    top_->core_clk = 1;
    top_->eval();
    top_->core_clk = 0;
    top_->eval();
    if (taken && !top_->core_rst) {
        take(out);
    }
    if (gave && !top_->core_rst) {
        given();
    }
    moved_ = moved_ || taken || gave;
}

} // namespace nave_usb
