# RAM controllers against models that check timing and protocol.
CI_TARGETS += cosim-mem
.PHONY: cosim-mem
COSIM_MEM = $(BUILD)/tests/cosim/mem
COSIM_MEM_RTL = rtl/mem/ram_arbiter.v $(wildcard rtl/stream/*.v) rtl/prim/ddr_in.v rtl/prim/ddr_out.v rtl/prim/pin_delay.v
COSIM_MEM_DEPENDS = tests/cosim/mem/check_mem.cpp $(COSIM_MEM_RTL) $(COSIM_FILES)

$(COSIM_MEM)/hyperram%/check: rtl/mem/hyperram.v rtl/mem/hyperram_phy.v tests/cosim/mem/hyperram_top.v sim/harness/hyperram.h $(COSIM_MEM_DEPENDS)
	$(Q)mkdir -p $(@D)
	$(Q)$(COSIM_VERILATOR) -CFLAGS "-O2 -std=c++14" --Mdir $(@D) --top-module hyperram_top -GFIXED=$* -o check \
		rtl/mem/hyperram.v rtl/mem/hyperram_phy.v tests/cosim/mem/hyperram_top.v $(COSIM_MEM_RTL) \
		$(abspath tests/cosim/mem/check_mem.cpp) >$(@D)/log 2>&1 || { cat $(@D)/log; exit 1; }

$(COSIM_MEM)/sdram/check: rtl/mem/sdram.v tests/cosim/mem/sdram_top.v sim/harness/sdram.h $(COSIM_MEM_DEPENDS)
	$(Q)mkdir -p $(@D)
	$(Q)$(COSIM_VERILATOR) -CFLAGS "-O2 -std=c++14 -DNAVE_TEST_SDRAM" --Mdir $(@D) --top-module sdram_top -o check \
		rtl/mem/sdram.v tests/cosim/mem/sdram_top.v $(COSIM_MEM_RTL) \
		$(abspath tests/cosim/mem/check_mem.cpp) >$(@D)/log 2>&1 || { cat $(@D)/log; exit 1; }

## make cosim-mem    RAM controllers against models that check timing and protocol; counts their rates
cosim-mem: $(COSIM_MEM)/hyperram0/check $(COSIM_MEM)/hyperram1/check $(COSIM_MEM)/sdram/check
	$(Q)$(COSIM_MEM)/hyperram0/check
	$(Q)$(COSIM_MEM)/hyperram1/check
	$(Q)$(COSIM_MEM)/sdram/check
