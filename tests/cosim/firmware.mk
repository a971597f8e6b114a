# The card's firmware on this machine against the C card.
CI_TARGETS += cosim-firmware
.PHONY: cosim-firmware cosim-firmware-long cosim-firmware-faults
COSIM_FIRMWARE := $(BUILD)/tests/cosim/firmware
COSIM_FIRMWARE_C = $(addprefix rtl/card/firmware/,command.c context.c mix.c sequencer.c) sim/model/plan_check.c
COSIM_FIRMWARE_TEST = $(wildcard tests/cosim/firmware/*) tests/cosim/card/plans.h $(COSIM_C_CARD_FILES)
COSIM_FIRMWARE_PARTS = engine registers check_firmware
COSIM_FIRMWARE_MODEL = $(COSIM)/card/plans.o $(COSIM_C_CARD) $(BUILD)/libnave.a
# the C card has these too
COSIM_FIRMWARE_NAMES = -Dnave_plan_check=nave_fw_plan_check -Dnave_plan_word=nave_fw_plan_word -Dnave_divide=nave_fw_divide
COSIM_FIRMWARE_CC = $(CC) -O2 -g $(filter-out -MMD -MP,$(NAVE_CFLAGS)) $(COSIM_FIRMWARE_NAMES) -c
COSIM_FIRMWARE_LD = g++ -std=c++20 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror

$(COSIM_FIRMWARE)/test.o: $(COSIM_FIRMWARE_TEST) $(wildcard rtl/card/firmware/*.h sim/model/*.h)
	$(Q)mkdir -p $(@D)
	$(Q)for name in $(COSIM_FIRMWARE_PARTS); do $(COSIM_FIRMWARE_LD) -c tests/cosim/firmware/$$name.cpp -o $(@D)/$$name.o || exit 1; done
	$(Q)ld -r -o $@ $(COSIM_FIRMWARE_PARTS:%=$(@D)/%.o)

$(COSIM_FIRMWARE)/check: $(COSIM_FIRMWARE)/test.o $(COSIM_FIRMWARE_C) $(wildcard rtl/card/firmware/*.h) $(COSIM_FIRMWARE_MODEL)
	$(Q)echo "  LD  $@"
	$(Q)for name in $(COSIM_FIRMWARE_C); do $(COSIM_FIRMWARE_CC) $$name -o $(@D)/fw_$$(basename $$name .c).o || exit 1; done
	$(Q)$(COSIM_FIRMWARE_LD) -o $@ $(@D)/test.o $(@D)/fw_*.o $(COSIM_FIRMWARE_MODEL) $(LIB_LIBS)

## make cosim-firmware the card's firmware on a model of the engine against the C card: sessions, all of the RAM after each command
cosim-firmware: $(COSIM_FIRMWARE)/check
	$(Q)$<

cosim-firmware-long: $(COSIM_FIRMWARE)/check
	$(Q)$< 3000

## make cosim-firmware-faults plants faults in the firmware: each must be seen
cosim-firmware-faults: $(COSIM_FIRMWARE)/check
	$(Q)python3 tests/cosim/firmware/faults.py $(<D) $(COSIM_FIRMWARE_CC) -- $(COSIM_FIRMWARE_LD) $(<D)/test.o \
		$(patsubst %.c,$(<D)/fw_%.o,$(notdir $(COSIM_FIRMWARE_C))) $(COSIM_FIRMWARE_MODEL) $(LIB_LIBS)
