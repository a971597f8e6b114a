# The Verilated USB device under the host model of sim/harness/usb.
## make usb          USB device: enumeration, chapter 9, streams, faults, fuzz (NAVE_CASES=1000000 make usb-fuzz: longer)
## make usb-generate descriptors: ROM and C header
USB_BUILD = $(BUILD)/usb
USB_RTL := $(wildcard rtl/usb/*.v rtl/usb/*.vh) rtl/stream/cdc_fifo.v rtl/stream/fifo.v
USB_FRONTS := $(addprefix sim/harness/usb/,port.cpp befall.cpp model_card.cpp usbredir_server.cpp direct_bus.cpp direct_libusb.cpp)
USB_HARNESS := $(filter-out $(USB_FRONTS),$(wildcard sim/harness/usb/*.cpp))
USB_SOURCES := $(USB_HARNESS) $(wildcard tests/usb/*.cpp)
USB_OBJECTS = $(USB_SOURCES:%.cpp=$(USB_BUILD)/%.o)
USB_VERILATOR_ROOT = $(shell verilator --getenv VERILATOR_ROOT)
USB_CXXFLAGS = -std=c++17 -O2 -g -Wall -Wextra -Werror -MMD -MP -I$(USB_BUILD)/obj -isystem $(USB_VERILATOR_ROOT)/include \
	-isystem $(USB_VERILATOR_ROOT)/include/vltstd
USB_RUNTIME = $(USB_BUILD)/obj/verilated.o $(USB_BUILD)/obj/verilated_threads.o
USB_VERILATED = $(USB_BUILD)/obj/Vnave_usb__ALL.a $(USB_RUNTIME)
USB_VERILATE = -Wall -O3 -Irtl/usb --prefix Vnave_usb --top-module nave_usb_device
CI_TARGETS += usb
.PHONY: usb usb-fuzz usb-mutants usb-lint usb-formal usb-generate

$(USB_BUILD)/obj/Vnave_usb__ALL.a: $(USB_RTL)
	$(Q)mkdir -p $(@D)
	$(Q)verilator --cc $(USB_VERILATE) --Mdir $(@D) rtl/lint.vlt $(filter %.v,$^)
	$(Q)$(MAKE) --no-print-directory -s -C $(@D) -f Vnave_usb.mk Vnave_usb__ALL.a verilated.o verilated_threads.o OPT_FAST=-O3 >/dev/null

$(USB_BUILD)/sim/harness/usb/verilated_device.o: $(USB_BUILD)/obj/Vnave_usb__ALL.a

$(USB_BUILD)/%.o: %.cpp
	$(Q)mkdir -p $(@D)
	$(Q)$(CXX) $(USB_CXXFLAGS) -c $< -o $@

$(USB_BUILD)/usb_test: $(USB_OBJECTS) $(USB_BUILD)/obj/Vnave_usb__ALL.a
	$(Q)$(CXX) -o $@ $(USB_OBJECTS) $(USB_VERILATED) -pthread

usb: usb-lint $(USB_BUILD)/usb_test
	$(Q)$(USB_BUILD)/usb_test

# each planted bug must be seen by the tests: one that nobody sees is a hole in them
## make usb-mutants  USB tests against planted bugs
USB_BUGS := $(shell sed -n 's/^ *`if[n]*def \(NAVE_BUG_[A-Z0-9_]*\).*/\1/p' $(USB_RTL) | grep USB | sort -u)
usb-mutants: $(addprefix $(USB_BUILD)/mutant/,$(USB_BUGS))
	$(Q)echo "$(words $(USB_BUGS)) passed, 0 failed"

$(USB_BUILD)/mutant/%: $(USB_BUILD)/usb_test
	$(Q)mkdir -p $(@D)/obj_$*
	$(Q)verilator --cc -Wno-fatal -D$* $(USB_VERILATE) --Mdir $(@D)/obj_$* rtl/lint.vlt $(filter %.v,$(USB_RTL)) 2>/dev/null
	$(Q)$(MAKE) --no-print-directory -s -C $(@D)/obj_$* -f Vnave_usb.mk Vnave_usb__ALL.a OPT_FAST=-O1 >/dev/null
	$(Q)$(CXX) $(subst -MMD -MP -I$(USB_BUILD)/obj,-I$(@D)/obj_$*,$(USB_CXXFLAGS)) -c sim/harness/usb/verilated_device.cpp -o $@.o
	$(Q)$(CXX) -o $@.test $(filter-out %/verilated_device.o,$(USB_OBJECTS)) $@.o $(@D)/obj_$*/Vnave_usb__ALL.a $(USB_RUNTIME) -pthread
	$(Q)if timeout 300 $@.test >$@.log 2>&1; then echo "FAIL $* was not found"; exit 1; else echo "ok   $*: $$(grep -m1 FAIL $@.log)"; fi
	$(Q)touch $@

usb-fuzz: $(USB_BUILD)/usb_test
	$(Q)$(USB_BUILD)/usb_test fuzz

# three tools read the same source
usb-lint:
	$(Q)python3 scripts/gen/usb_descriptors.py --check .
	$(Q)iverilog -g2005 -Wall -Irtl/usb -s nave_usb_device -o /dev/null $(filter %.v,$(USB_RTL)) 2>&1 | (! grep -v timescale)

## make usb-formal   of make formal, the USB packet layer and transactions alone
usb-formal:
	$(Q)NAVE_FORMAL="usb_rx usb_tx usb_transaction" $(MAKE) --no-print-directory formal

usb-generate:
	$(Q)python3 scripts/gen/usb_descriptors.py .

-include $(USB_OBJECTS:.o=.d)
