# Bands of the dynamics engine in Verilog against sim/model.
CI_TARGETS += cosim-dyn-band
.PHONY: cosim-dyn-band

DYN_BAND = $(COSIM)/dyn_band
DYN_BAND_RTL = $(wildcard rtl/prim/*.v rtl/arith/*.v rtl/stream/*.v) $(wildcard rtl/dyn/level*.v rtl/dyn/band*.v)
DYN_BAND_MODEL = $(patsubst %,$(BUILD)/sim/model/%.o,band detector gain level width eq dials dyn_tables)
DYN_BAND_SHARED = $(COSIM)/conv/signals.o $(DYN_BAND_MODEL)
DYN_BAND_FILES = $(COSIM_FILES) tests/cosim/conv/cosim.h sim/model/dyn.h rtl/dyn/level.hex rtl/dyn/band.vh tests/cosim/dyn_band/dials.h

# $(1) directory and test without suffix, $(2) top, $(3) further Verilog
define dyn_band_test
$$(DYN_BAND)/$(1)/check: $$(DYN_BAND_RTL) $$(DYN_BAND_FILES) tests/cosim/dyn_band/$(1).cpp $(3) $$(DYN_BAND_SHARED)
	$$(Q)mkdir -p $$(@D)
	$$(Q)echo "  VERILATE dyn_band/$(1)"
	$$(Q)$$(COSIM_VERILATOR) -Irtl/dyn --Mdir $$(@D) --top-module $(2) -CFLAGS "-O1 -std=c++17 -Wall -Wextra -Werror" -o check \
		$(3) $$(DYN_BAND_RTL) $$(abspath tests/cosim/dyn_band/$(1).cpp $$(DYN_BAND_SHARED)) >$$(@D)/log 2>&1 || { cat $$(@D)/log; exit 1; }
DYN_BAND_CHECKS += $$(DYN_BAND)/$(1)/check
endef
$(eval $(call dyn_band_test,level,level_top,tests/cosim/dyn_band/level_top.v))
$(eval $(call dyn_band_test,band,nave_band,tests/cosim/dyn_band/public.vlt))

## make cosim-dyn-band  levels, curves, gains of the bands in Verilog against the model, bit by bit (NAVE_SEED, NAVE_CASES, NAVE_EVERY=1)
cosim-dyn-band: $(DYN_BAND_CHECKS)
	$(Q)status=0; for check in $^; do $$check || status=1; done; exit $$status
