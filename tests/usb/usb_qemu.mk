# Linux in QEMU, with its own USB stack, libusb and the program, against the Verilated USB device.
## make usb-qemu     Debian's kernel enumerates the Verilated card; selftest, renders and faults over libusb
USB_FRONT_OBJECTS = $(patsubst %.cpp,$(USB_BUILD)/%.o,$(USB_HARNESS) sim/harness/usb/port.cpp sim/harness/usb/befall.cpp sim/harness/usb/model_card.cpp)
CI_TARGETS += usb-qemu usb-qemu-card
.PHONY: usb-qemu

$(USB_BUILD)/usbredir_server: $(USB_FRONT_OBJECTS) $(USB_BUILD)/sim/harness/usb/usbredir_server.o $(BUILD)/libnave.a $(USB_BUILD)/obj/Vnave_usb__ALL.a
	$(Q)$(CXX) -o $@ $(filter %.o,$^) $(USB_VERILATED) $(BUILD)/libnave.a -lusbredirparser -lm -pthread

usb-qemu: $(USB_BUILD)/usbredir_server $(BUILD)/nave
	$(Q)python3 tests/usb/qemu/run.py $(BUILD)

## make usb-qemu-card the same with the whole card Verilated: a short render over libusb
.PHONY: usb-qemu-card
usb-qemu-card: $(USB_BUILD)/usbredir_server $(BUILD)/nave $(BUILD)/sim/nave-sim-hyperram1
	$(Q)NAVE_CARD=sim:board=cynthion NAVE_SIM=$(abspath $(BUILD)/sim) python3 tests/usb/qemu/run.py $(BUILD)

-include $(patsubst %.o,%.d,$(USB_FRONT_OBJECTS) $(USB_BUILD)/sim/harness/usb/usbredir_server.o)

## make usb-driver   driver and renders against what may befall a card, on the Verilated device in one process
## make usb-driver-long  the same, 100 random unplugs, 100,000 fuzzed frames and a card that hangs (NAVE_CASES=N: N and 1000 N)
## make usb-driver-asan, usb-driver-tsan  sanitized, 10 random unplugs; usb-driver-asan-long, usb-driver-tsan-long: 100
USB_DIRECT_CFLAGS = -std=c11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -Ihost/include
USB_DIRECT_OBJECTS = $(USB_BUILD)/sim/harness/usb/direct_bus.o $(USB_BUILD)/sim/harness/usb/direct_libusb.o
USB_DIRECT_LINK = $(USB_FRONT_OBJECTS) $(USB_DIRECT_OBJECTS)
CI_TARGETS += usb-driver
.PHONY: usb-driver usb-driver-long usb-driver-asan usb-driver-tsan usb-driver-asan-long usb-driver-tsan-long
USB_DIRECT_TESTS = $(patsubst %.c,$(USB_BUILD)/%.o,$(wildcard tests/usb/direct/*.c))

$(USB_DIRECT_TESTS): $(USB_BUILD)/%.o: %.c tests/usb/direct/usb_driver.h sim/harness/usb/direct.h
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(USB_DIRECT_CFLAGS) $(USB_SANITIZE) $(LIB_CFLAGS) -c $< -o $@

$(USB_BUILD)/usb_driver: $(USB_DIRECT_TESTS) $(USB_DIRECT_LINK) $(BUILD)/libnave.a
	$(Q)$(CXX) $(USB_SANITIZE) -o $@ $(USB_DIRECT_TESTS) $(USB_DIRECT_LINK) $(BUILD)/libnave.a $(USB_VERILATED) $(filter-out -lusb-1.0,$(LIB_LIBS))

usb-driver: $(USB_BUILD)/usb_driver
	$(Q)timeout 300 nice -n 5 $<

# the driver, the library and libusb's stand-in are instrumented; the bus model and the Verilated device, which one thread
# has, are not
usb-driver-asan usb-driver-tsan: usb-driver-%:
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/usb-$* USB_SANITIZE="$(USB_SANITIZE_$*)" CFLAGS="-O1 -g $(USB_SANITIZE_$*)" \
		$(BUILD)/usb-$*/usb/usb_driver
	$(Q)NAVE_PATIENCE=15 timeout 3600 nice -n 5 $(BUILD)/usb-$*/usb/usb_driver
USB_SANITIZE_asan = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
USB_SANITIZE_tsan = -fsanitize=thread

usb-driver-long: $(USB_BUILD)/usb_driver
	$(Q)NAVE_CASES=$(or $(NAVE_CASES),100) timeout 1200 nice -n 5 $<

usb-driver-asan-long usb-driver-tsan-long: usb-driver-%-long:
	$(Q)NAVE_CASES=$(or $(NAVE_CASES),100) $(MAKE) --no-print-directory usb-driver-$*

$(USB_DIRECT_OBJECTS): USB_CXXFLAGS += $(shell pkg-config --cflags libusb-1.0) $(USB_SANITIZE)
-include $(USB_DIRECT_OBJECTS:.o=.d)
