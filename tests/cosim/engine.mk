# The data plane behind the core's registers, and the mixer alone, against sim/model.
CI_TARGETS += cosim-engine
.PHONY: cosim-engine

ENGINE = $(BUILD)/tests/cosim/engine
ENGINE_RTL = rtl/card/engine.v rtl/card/cpu_port.v $(wildcard rtl/prim/*.v rtl/arith/*.v rtl/conv/*.v rtl/stream/*.v) \
	$(wildcard rtl/mem/ram_*.v)
ENGINE_MODEL = $(patsubst %,$(BUILD)/sim/model/%.o,load fft post pre cmac overlap mix twiddle twiddle_rom)
ENGINE_SHARED = $(CONV)/signals.o $(ENGINE_MODEL)
ENGINE_FILES = $(wildcard tests/cosim/engine/*) $(CONV_FILES) sim/harness/ram_port.h rtl/card/firmware/registers.h

$(ENGINE)/whole/check: $(ENGINE_RTL) $(ENGINE_FILES) $(ENGINE_SHARED) rtl/conv/twiddle_pairs.hex
	$(Q)mkdir -p $(@D)
	$(Q)echo "  VERILATE engine"
	$(Q)$(CONV_VERILATE) --Mdir $(@D) --top-module nave_engine -GADDRESS_BITS=18 -GRAM_BYTES=524288 -o check \
		-CFLAGS "$(CONV_CFLAGS) -DADDRESS_BITS=18 -DRAM_SIZE=524288" tests/cosim/engine/public.vlt $(ENGINE_RTL) \
		$(abspath tests/cosim/engine/engine.cpp $(ENGINE_SHARED)) >$(@D)/log 2>&1 || { cat $(@D)/log; exit 1; }

$(ENGINE)/mix/check: $(ENGINE_RTL) $(ENGINE_FILES) $(ENGINE_SHARED)
	$(Q)mkdir -p $(@D)
	$(Q)echo "  VERILATE mix"
	$(Q)$(CONV_VERILATE) --Mdir $(@D) --top-module nave_mix -o check -CFLAGS "$(CONV_CFLAGS)" $(ENGINE_RTL) \
		$(abspath tests/cosim/engine/mix.cpp $(ENGINE_SHARED)) >$(@D)/log 2>&1 || { cat $(@D)/log; exit 1; }

## make cosim-engine   the card's data plane by its registers, and the mixer, against the C card (NAVE_SEED, NAVE_CASES)
cosim-engine: $(ENGINE)/mix/check $(ENGINE)/whole/check
	$(Q)$(ENGINE)/mix/check
	$(Q)$(ENGINE)/whole/check
