# tests/formal/formal.mk, which is read before this one, installs the tools of usb-formal.
# The Verilated USB device under the host model of sim/harness/usb.
## make usb          USB device: enumeration, chapter 9, streams, faults, fuzz (NAVE_CASES=1000000 make usb-fuzz: longer)
## make usb-generate descriptors: ROM and C header
USB_BUILD = $(BUILD)/usb
USB_RTL := $(wildcard rtl/usb/*.v rtl/usb/*.vh) rtl/stream/cdc_fifo.v rtl/stream/fifo.v
USB_SOURCES := $(wildcard sim/harness/usb/*.cpp tests/usb/*.cpp)
USB_OBJECTS = $(USB_SOURCES:%.cpp=$(USB_BUILD)/%.o)
USB_VERILATOR_ROOT = $(shell verilator --getenv VERILATOR_ROOT)
USB_CXXFLAGS = -std=c++17 -O2 -g -Wall -Wextra -Werror -MMD -MP -I$(USB_BUILD)/obj -isystem $(USB_VERILATOR_ROOT)/include \
	-isystem $(USB_VERILATOR_ROOT)/include/vltstd
CI_TARGETS += usb usb-formal
.PHONY: usb usb-fuzz usb-lint usb-formal usb-generate

$(USB_BUILD)/obj/Vnave_usb__ALL.a: $(USB_RTL)
	$(Q)mkdir -p $(@D)
	$(Q)verilator --cc -Wall -O3 --Mdir $(@D) -Irtl/usb --prefix Vnave_usb --top-module nave_usb_device -GSERIAL="64'h0123456789abcdef" rtl/lint.vlt $(filter %.v,$^)
	$(Q)$(MAKE) --no-print-directory -s -C $(@D) -f Vnave_usb.mk Vnave_usb__ALL.a verilated.o verilated_threads.o OPT_FAST=-O2 >/dev/null

$(USB_BUILD)/%.o: %.cpp $(USB_BUILD)/obj/Vnave_usb__ALL.a
	$(Q)mkdir -p $(@D)
	$(Q)$(CXX) $(USB_CXXFLAGS) -c $< -o $@

$(USB_BUILD)/usb_test: $(USB_OBJECTS) $(USB_BUILD)/obj/Vnave_usb__ALL.a
	$(Q)$(CXX) -o $@ $(USB_OBJECTS) $(USB_BUILD)/obj/Vnave_usb__ALL.a $(USB_BUILD)/obj/verilated.o $(USB_BUILD)/obj/verilated_threads.o -pthread

usb: usb-lint $(USB_BUILD)/usb_test
	$(Q)$(USB_BUILD)/usb_test

usb-fuzz: $(USB_BUILD)/usb_test
	$(Q)$(USB_BUILD)/usb_test fuzz

# three tools read the same source
usb-lint:
	$(Q)python3 scripts/gen/usb_descriptors.py --check .
	$(Q)iverilog -g2005 -Wall -Irtl/usb -s nave_usb_device -o /dev/null $(filter %.v,$(USB_RTL)) 2>&1 | (! grep -v timescale)

## make usb-formal   USB packet layer and transactions: proofs, covers, planted bugs that must be found
usb-formal: $(FORMAL_TOOLS)/ready
	$(Q)PATH="$(abspath $(FORMAL_TOOLS))/bin:$$PATH" YOWASP_CACHE_DIR=$(abspath $(FORMAL_TOOLS))/cache \
		python3 tests/usb/run_formal.py $(FORMAL_TOOLS)/bin $(USB_BUILD)/formal

usb-generate:
	$(Q)python3 scripts/gen/usb_descriptors.py .

-include $(USB_OBJECTS:.o=.d)
