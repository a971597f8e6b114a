/* Enumeration in the order of Linux: first 64 bytes of the device descriptor at address 0, reset again, address,
 * descriptors, strings, configuration; at high and at full speed. Each descriptor against the table and its fields
 * against each other. SPDX-License-Identifier: ISC */
#include "usb_test.h"

#include <cstdio>

namespace nave_usb
{

static void compare(const std::string &name, const Transfer &t, const uint8_t *want, size_t size, size_t asked)
{
    size_t n = size < asked ? size : asked;
    check(t.status == Status::OK && t.data == Bytes(want, want + n), name + " (" + status_name(t.status) + ", " +
                                                                         std::to_string(t.data.size()) + " bytes of " +
                                                                         std::to_string(n) + ")");
}

#define COMPARE(name, transfer, array, asked) compare(name, transfer, array, sizeof array, asked)

static void enumerate(bool high)
{
    std::string at = high ? "high speed: " : "full speed: ";
    Bench b(high ? 1 : 2);
    check(b.host.wait_attached(10 * MILLISECOND), at + "the pull-up shows within 10 ms");
    check(b.host.reset(high) == high, at + "first reset");
    COMPARE(at + "device descriptor at address 0", b.get_descriptor(1, 0, 64), nave_usb_device, 64);
    check(b.host.reset(high) == high, at + "second reset");
    check(b.no_data(0, 5, 17, 0).status == Status::OK, at + "SET_ADDRESS");
    b.host.address = 17;
    b.host.frames(10);
    COMPARE(at + "device descriptor", b.get_descriptor(1, 0, 18), nave_usb_device, 18);
    Transfer bos = b.get_descriptor(15, 0, 5);
    COMPARE(at + "head of the BOS", bos, nave_usb_bos, 5);
    unsigned total = bos.data.size() == 5 ? bos.data[2] | unsigned(bos.data[3]) << 8 : 0;
    check(total == sizeof nave_usb_bos, at + "length of the BOS");
    COMPARE(at + "BOS", b.get_descriptor(15, 0, total), nave_usb_bos, total);
    if (high) {
        COMPARE(at + "qualifier", b.get_descriptor(6, 0, 10), nave_usb_qualifier, 10);
        COMPARE(at + "configuration", b.get_descriptor(2, 0, 9), nave_usb_configuration_high, 9);
        COMPARE(at + "configuration", b.get_descriptor(2, 0, 255), nave_usb_configuration_high, 255);
        COMPARE(at + "other speed", b.get_descriptor(7, 0, 255), nave_usb_other_speed_high, 255);
    } else {
        COMPARE(at + "configuration", b.get_descriptor(2, 0, 255), nave_usb_configuration_full, 255);
        COMPARE(at + "other speed", b.get_descriptor(7, 0, 255), nave_usb_other_speed_full, 255);
    }
    COMPARE(at + "languages", b.get_descriptor(3, 0, 255), nave_usb_languages, 255);
    COMPARE(at + "manufacturer", b.get_descriptor(3, 1, 255), nave_usb_manufacturer, 255);
    COMPARE(at + "product", b.get_descriptor(3, 2, 255), nave_usb_product, 255);
    Transfer serial = b.get_descriptor(3, 3, 255);
    std::string digits;
    for (size_t i = 2; i + 1 < serial.data.size(); i += 2) {
        digits += char(serial.data[i]);
        check(serial.data[i + 1] == 0, at + "serial number is plain");
    }
    check(serial.data.size() == 34 && digits == "0123456789ABCDEF", at + "serial number " + digits);
    check(b.no_data(0, 9, 1, 0).status == Status::OK, at + "SET_CONFIGURATION");
    Transfer ms = b.get(0xc0, NAVE_USB_MS_VENDOR_CODE, 0, 7, 10);
    unsigned set = ms.data.size() == 10 ? ms.data[8] | unsigned(ms.data[9]) << 8 : 0;
    check(set == sizeof nave_usb_ms_set, at + "length of the MS OS 2.0 set");
    COMPARE(at + "MS OS 2.0 set", b.get(0xc0, NAVE_USB_MS_VENDOR_CODE, 0, 7, set), nave_usb_ms_set, set);
    const uint8_t *platform = nave_usb_bos + 5 + 7;
    check(platform[24] == (set & 255) && platform[25] == set >> 8 && platform[26] == NAVE_USB_MS_VENDOR_CODE,
          at + "the BOS names length and code of the MS OS 2.0 set");
    // fields that must agree
    const uint8_t *c = high ? nave_usb_configuration_high : nave_usb_configuration_full;
    unsigned packet = high ? 512 : 64, length = 0, endpoints = 0;
    for (const uint8_t *d = c; length < 32 && d[0]; d += d[0]) {
        length += d[0];
        if (d[1] == 5) {
            endpoints++;
            check((d[2] == NAVE_USB_ENDPOINT_OUT || d[2] == NAVE_USB_ENDPOINT_IN) && d[3] == 2 &&
                      (d[4] | unsigned(d[5]) << 8) == packet,
                  at + "endpoint descriptor");
        }
    }
    check(endpoints == 2 && length == (c[2] | unsigned(c[3]) << 8), at + "configuration is as long as it says");
    check(nave_usb_device[8] == 0x09 && nave_usb_device[9] == 0x12 && nave_usb_device[10] == 1 &&
              nave_usb_device[11] == 0,
          at + "1209:0001");
    b.check_rules(at);
    const PhyStatistics &s = b.host.phy.statistics;
    printf("%sTX CMD %u..%u clocks after DIR, answer %u..%u clocks after the packet, register accesses interrupted %u "
           "times\n",
           at.c_str(), s.decision_least, s.decision_most, s.answer_least, s.answer_most, s.register_aborts);
}

void test_enumeration()
{
    enumerate(true);
    enumerate(false);
}

} // namespace nave_usb
