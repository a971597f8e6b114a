# The card's core against an instruction-set simulator, and the control plane with a compiled C program.
CI_TARGETS += cosim-core
.PHONY: cosim-core
COSIM_CORE = $(BUILD)/tests/cosim/core
COSIM_CORE_RTL = rtl/card/core.v rtl/prim/addsub.v
COSIM_CONTROL_RTL = $(COSIM_CORE_RTL) rtl/card/control.v rtl/prim/ram_init.v
COSIM_CORE_VERILATE = verilator --cc --exe --build -Wall -O3 --x-assign unique --x-initial unique rtl/lint.vlt --Mdir
COSIM_PROGRAM = $(1)CODE='"$(COSIM_CORE)/program.hex"' $(1)HIGH='"$(COSIM_CORE)/program_high.hex"' $(1)DATA='"$(COSIM_CORE)/program_data.hex"'

$(COSIM_CORE)/core/check: $(COSIM_CORE_RTL) $(addprefix tests/cosim/core/,check_core.cpp iss.h core.vlt) rtl/lint.vlt
	$(Q)mkdir -p $(@D)
	$(Q)echo "  VERILATE core"
	$(Q)$(COSIM_CORE_VERILATE) $(@D) -CFLAGS "-O2 -std=c++14 -Wall -Wextra" --top-module nave_core -o check tests/cosim/core/core.vlt \
		$(COSIM_CORE_RTL) $(abspath tests/cosim/core/check_core.cpp) >$(@D)/log 2>&1 || { cat $(@D)/log; exit 1; }

$(COSIM_CORE)/program.hex: tests/cosim/core/program.c scripts/gen/firmware.py $(wildcard rtl/card/firmware/*)
	$(Q)scripts/gen/firmware.py --out $(@D) --name program $<

$(COSIM_CORE)/control/check: $(COSIM_CONTROL_RTL) $(COSIM_CORE)/program.hex $(addprefix tests/cosim/core/,check_control.cpp iss.h)
	$(Q)mkdir -p $(@D)
	$(Q)echo "  VERILATE control"
	$(Q)$(CC) $(CFLAGS) $(NAVE_CFLAGS) -c tests/cosim/core/program.c -o $(@D)/program.o
	$(Q)$(COSIM_CORE_VERILATE) $(@D) $(call COSIM_PROGRAM,-G) --top-module nave_control \
		-CFLAGS "-O2 -std=c++14 -Wall -Wextra -DNAVE_TEST_PROGRAM='\"$(COSIM_CORE)/program\"'" \
		-o check $(COSIM_CONTROL_RTL) $(abspath tests/cosim/core/check_control.cpp $(@D)/program.o) >$(@D)/log 2>&1 || { cat $(@D)/log; exit 1; }

$(COSIM_CORE)/control.vvp: tests/cosim/icarus/control_replay.v $(COSIM_CONTROL_RTL)
	$(Q)mkdir -p $(@D)
	$(Q)iverilog -g2005 -Wall -s control_replay $(call COSIM_PROGRAM,-Pcontrol_replay.) -o $@ $^

## make cosim-core   the card's core against an instruction-set simulator; a compiled C program on it, under Icarus too
cosim-core: $(COSIM_CORE)/core/check $(COSIM_CORE)/control/check $(COSIM_CORE)/control.vvp
	$(Q)$(COSIM_CORE)/core/check
	$(Q)$(COSIM_CORE)/control/check
	$(Q)$(COSIM_CORE)/control/check $(COSIM_CORE)/control.txt
	$(Q)vvp -n $(COSIM_CORE)/control.vvp +vectors=$(COSIM_CORE)/control.txt
