# Limiter, its true-peak detector and the meters in Verilog against sim/model.
CI_TARGETS += cosim-dyn-limiter
.PHONY: cosim-dyn-limiter

DYN_LIMITER = $(COSIM)/dyn_limiter
DYN_LIMITER_RTL = $(wildcard rtl/prim/*.v rtl/arith/*.v) $(patsubst %,rtl/dyn/%.v,true_peak limiter level level_table dyn_meters)
DYN_LIMITER_MODEL = $(patsubst %,$(BUILD)/sim/model/%.o,true_peak limiter level dyn_tables dyn_meters dyn_block eq crossover \
	band detector gain width)
DYN_LIMITER_SHARED = $(COSIM)/conv/signals.o $(DYN_LIMITER_MODEL)
DYN_LIMITER_FILES = $(COSIM_FILES) tests/cosim/conv/cosim.h $(wildcard tests/cosim/dyn_limiter/*.h rtl/dyn/*.hex)

# $(1) directory, $(2) top, $(3) test without suffix, $(4) parameters as -G and -D, $(5) further Verilog
define dyn_limiter_test
$$(DYN_LIMITER)/$(1)/check: $$(DYN_LIMITER_RTL) $$(DYN_LIMITER_FILES) tests/cosim/dyn_limiter/$(3).cpp $(5) $$(DYN_LIMITER_SHARED)
	$$(Q)mkdir -p $$(@D)
	$$(Q)echo "  VERILATE dyn_limiter/$(1)"
	$$(Q)$$(COSIM_VERILATOR) --Mdir $$(@D) --top-module $(2) $(addprefix -G,$(4)) \
		-CFLAGS "-O1 -std=c++17 -Wall -Wextra -Werror $(addprefix -D,$(4))" -o check \
		$(5) $$(DYN_LIMITER_RTL) $$(abspath tests/cosim/dyn_limiter/$(3).cpp $$(DYN_LIMITER_SHARED)) >$$(@D)/log 2>&1 || { cat $$(@D)/log; exit 1; }
DYN_LIMITER_CHECKS += $$(DYN_LIMITER)/$(1)/check
endef
$(eval $(call dyn_limiter_test,true_peak,nave_true_peak,true_peak,))
$(eval $(call dyn_limiter_test,limiter1,nave_limiter,limiter,BANKS=1))
$(eval $(call dyn_limiter_test,limiter3,nave_limiter,limiter,BANKS=3))
$(eval $(call dyn_limiter_test,dyn_meters,nave_dyn_meters,dyn_meters,))
$(eval $(call dyn_limiter_test,round_serial,nave_round_serial,round_serial,))

## make cosim-dyn-limiter  limiter, true peak, meters in Verilog against the model, bit by bit (NAVE_SEED, NAVE_CASES)
cosim-dyn-limiter: $(DYN_LIMITER_CHECKS)
	$(Q)status=0; for check in $^; do $$check || status=1; done; exit $$status
