# Filters, dials and the whole of the dynamics engine in Verilog against sim/model.
CI_TARGETS += cosim-dyn
.PHONY: cosim-dyn

DYN = $(COSIM)/dyn
DYN_RTL = $(wildcard rtl/prim/*.v rtl/arith/*.v rtl/stream/*.v rtl/dyn/*.v)
DYN_MODEL = $(patsubst sim/model/%.c,$(BUILD)/sim/model/%.o,$(wildcard $(patsubst %,sim/model/%*.c,\
	dyn eq crossover width level dials ramp detector gain band true_peak limiter)))
DYN_SHARED = $(COSIM)/conv/signals.o $(DYN_MODEL)
DYN_FILES = $(COSIM_FILES) tests/cosim/conv/cosim.h $(wildcard tests/cosim/dyn/*.h rtl/dyn/*.hex rtl/dyn/*.vh)

# $(1) directory, $(2) top, $(3) test without suffix, $(4) parameters as -G and -D, $(5) further Verilog
define dyn_test
$$(DYN)/$(1)/check: $$(DYN_RTL) $$(DYN_FILES) tests/cosim/dyn/$(3).cpp $(5) $$(DYN_SHARED)
	$$(Q)mkdir -p $$(@D)
	$$(Q)echo "  VERILATE dyn/$(1)"
	$$(Q)$$(COSIM_VERILATOR) -Irtl/dyn --Mdir $$(@D) --top-module $(2) $(addprefix -G,$(4)) \
		-CFLAGS "-O1 -std=c++17 -Wall -Wextra -Werror $(addprefix -D,$(4))" -o check \
		$(5) $$(DYN_RTL) $$(abspath tests/cosim/dyn/$(3).cpp $$(DYN_SHARED)) >$$(@D)/log 2>&1 || { cat $$(@D)/log; exit 1; }
DYN_CHECKS += $$(DYN)/$(1)/check
endef
$(eval $(call dyn_test,svf,nave_svf,svf,))
$(eval $(call dyn_test,filters,nave_filters,filters,))
$(eval $(call dyn_test,dyn,nave_dyn,dyn,BANKS=1))
$(eval $(call dyn_test,dials,dials_top,dials,,tests/cosim/dyn/dials_top.v))

## make cosim-dyn    the dynamics engine in Verilog against the model, bit by bit (NAVE_SEED, NAVE_CASES)
cosim-dyn: $(DYN_CHECKS)
	$(Q)status=0; for check in $^; do $$check || status=1; done; exit $$status
