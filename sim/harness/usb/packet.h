/* USB packets as bytes: PIDs, CRCs (bit by bit, another way than the card's) and stuffed bits.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_SIM_USB_PACKET_H
#define NAVE_SIM_USB_PACKET_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nave_usb
{

using Bytes = std::vector<uint8_t>;

enum Pid : uint8_t {
    PID_OUT = 1,
    PID_IN = 9,
    PID_SOF = 5,
    PID_SETUP = 13,
    PID_PING = 4,
    PID_DATA0 = 3,
    PID_DATA1 = 11,
    PID_DATA2 = 7,
    PID_MDATA = 15,
    PID_ACK = 2,
    PID_NAK = 10,
    PID_STALL = 14,
    PID_NYET = 6,
    PID_NONE = 0,
    PID_BAD = 16 // a packet came, but not a whole one
};

inline uint8_t pid_byte(unsigned pid)
{
    return uint8_t(pid | (~pid & 15) << 4);
}

// most significant register bit first, as the standard draws it
inline unsigned crc_bits(const uint8_t *data, unsigned bits, unsigned width, unsigned polynomial)
{
    unsigned mask = (1u << width) - 1, crc = mask;
    for (unsigned i = 0; i < bits; i++) {
        unsigned bit = data[i / 8] >> i % 8 & 1;
        unsigned top = crc >> (width - 1) & 1;
        crc = crc << 1 & mask;
        if (top != bit) {
            crc ^= polynomial;
        }
    }
    crc = ~crc & mask;
    unsigned reversed = 0; // sent most significant bit first
    for (unsigned i = 0; i < width; i++) {
        reversed |= (crc >> i & 1) << (width - 1 - i);
    }
    return reversed;
}

inline Bytes token_packet(unsigned pid, unsigned bits11)
{
    uint8_t raw[2] = {uint8_t(bits11), uint8_t(bits11 >> 8 & 7)};
    unsigned crc = crc_bits(raw, 11, 5, 0x05);
    return {pid_byte(pid), raw[0], uint8_t(raw[1] | crc << 3)};
}

inline Bytes data_packet(unsigned pid, const uint8_t *data, size_t size)
{
    Bytes p = {pid_byte(pid)};
    p.insert(p.end(), data, data + size);
    unsigned crc = crc_bits(data, unsigned(size * 8), 16, 0x8005);
    p.push_back(uint8_t(crc));
    p.push_back(uint8_t(crc >> 8));
    return p;
}

inline bool data_whole(const Bytes &p)
{
    if (p.size() < 3) {
        return false;
    }
    unsigned crc = crc_bits(p.data() + 1, unsigned(p.size() - 3) * 8, 16, 0x8005);
    return p[p.size() - 2] == (crc & 255) && p[p.size() - 1] == crc >> 8;
}

// of one byte; ones: how many came before it, and then with it
inline unsigned stuffed_bits(uint8_t b, unsigned &ones)
{
    unsigned stuffed = 0;
    for (unsigned i = 0; i < 8; i++) {
        ones = b >> i & 1 ? ones + 1 : 0;
        if (ones == 6) {
            stuffed++;
            ones = 0;
        }
    }
    return stuffed;
}

inline unsigned stuffed_bits(const Bytes &p)
{
    unsigned ones = 1, stuffed = 0; // the last bit of SYNC counts
    for (uint8_t b : p) {
        stuffed += stuffed_bits(b, ones);
    }
    return stuffed;
}

} // namespace nave_usb

#endif
