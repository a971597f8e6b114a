# The card's firmware on this machine against the C card.
CI_TARGETS += cosim-firmware
.PHONY: cosim-firmware cosim-firmware-long cosim-firmware-faults
COSIM_FIRMWARE := $(BUILD)/tests/cosim/firmware
COSIM_FIRMWARE_C = $(addprefix rtl/card/firmware/,command.c context.c mix.c sequencer.c) sim/model/plan_check.c
COSIM_FIRMWARE_TEST = $(wildcard tests/cosim/firmware/*) tests/cosim/card/plans.h
# the C card has these too
COSIM_FIRMWARE_NAMES = -Dnave_plan_check=nave_fw_plan_check -Dnave_plan_word=nave_fw_plan_word -Dnave_divide=nave_fw_divide
COSIM_FIRMWARE_CC = $(CC) -O2 -g $(filter-out -MMD -MP,$(NAVE_CFLAGS)) $(COSIM_FIRMWARE_NAMES) -c
COSIM_FIRMWARE_LD = g++ -std=c++20 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror

$(COSIM_FIRMWARE)/plans.o: tests/cosim/card/plans.c tests/cosim/card/plans.h host/lib/plan.h $(wildcard sim/model/*.h)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(filter-out -MMD -MP,$(NAVE_CFLAGS)) -c $< -o $@

$(COSIM_FIRMWARE)/test.o: $(COSIM_FIRMWARE_TEST) $(wildcard rtl/card/firmware/*.h sim/model/*.h)
	$(Q)mkdir -p $(@D)
	$(Q)for name in engine check_firmware; do $(COSIM_FIRMWARE_LD) -c tests/cosim/firmware/$$name.cpp -o $(@D)/$$name.o || exit 1; done
	$(Q)ld -r -o $@ $(@D)/engine.o $(@D)/check_firmware.o

$(COSIM_FIRMWARE)/check: $(COSIM_FIRMWARE)/test.o $(COSIM_FIRMWARE)/plans.o $(COSIM_FIRMWARE_C) $(wildcard rtl/card/firmware/*.h) \
		$(BUILD)/libnave.a
	$(Q)echo "  LD  $@"
	$(Q)for name in $(COSIM_FIRMWARE_C); do $(COSIM_FIRMWARE_CC) $$name -o $(@D)/fw_$$(basename $$name .c).o || exit 1; done
	$(Q)$(COSIM_FIRMWARE_LD) -o $@ $(@D)/test.o $(@D)/plans.o $(@D)/fw_*.o $(BUILD)/libnave.a $(LIB_LIBS)

## make cosim-firmware the card's firmware on a model of the engine against the C card: sessions, all of the RAM after each command
cosim-firmware: $(COSIM_FIRMWARE)/check
	$(Q)$<

cosim-firmware-long: $(COSIM_FIRMWARE)/check
	$(Q)$< 3000

## make cosim-firmware-faults plants faults in the firmware: each must be seen
cosim-firmware-faults: $(COSIM_FIRMWARE)/check
	$(Q)python3 tests/cosim/firmware/faults.py $(<D) $(COSIM_FIRMWARE_CC) -- $(COSIM_FIRMWARE_LD) $(<D)/test.o $(<D)/plans.o \
		$(patsubst %.c,$(<D)/fw_%.o,$(notdir $(COSIM_FIRMWARE_C))) $(BUILD)/libnave.a $(LIB_LIBS)
