# The convolver's RTL against sim/model, block by block; lint of all RTL.
CI_TARGETS += cosim-conv lint-rtl
.PHONY: cosim-conv lint-rtl

CONV = $(BUILD)/tests/cosim/conv
CONV_RTL = $(wildcard rtl/prim/*.v rtl/arith/*.v rtl/conv/*.v)
CONV_MODEL = $(patsubst %,$(BUILD)/sim/model/%.o,load fft post pre cmac overlap twiddle twiddle_rom)
CONV_SHARED = $(CONV)/signals.o $(CONV_MODEL)
CONV_FILES = $(wildcard tests/cosim/conv/*.h tests/cosim/conv/*.vlt tests/simd/simd_test.h) $(COSIM_FILES)
CONV_VERILATE = $(COSIM_VERILATOR) -j 2
CONV_CFLAGS = -O1 -std=c++17 -Wall -Wextra -Werror -I$(abspath tests/cosim/conv)

$(CONV)/signals.o: tests/simd/signals.c tests/simd/simd_test.h
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(NAVE_CFLAGS) -c $< -o $@

# $(1) directory, $(2) top, $(3) test without suffix, $(4) parameters as -G and -D, $(5) further Verilog and .vlt
define conv_test
$$(CONV)/$(1)/check: $$(CONV_RTL) $$(CONV_FILES) tests/cosim/conv/$(3).cpp $(5) $$(CONV_SHARED) rtl/conv/twiddle_pairs.hex
	$$(Q)mkdir -p $$(@D)
	$$(Q)echo "  VERILATE $(1)"
	$$(Q)$$(CONV_VERILATE) --Mdir $$(@D) --top-module $(2) $(addprefix -G,$(4)) -CFLAGS "$$(CONV_CFLAGS) $(addprefix -D,$(4))" -o check \
		$(5) $$(CONV_RTL) $$(abspath tests/cosim/conv/$(3).cpp $$(CONV_SHARED)) >$$(@D)/log 2>&1 || { cat $$(@D)/log; exit 1; }
CONV_CHECKS += $$(CONV)/$(1)/check
endef
$(eval $(call conv_test,arith,arith_top,arith,,tests/cosim/conv/arith_top.v))
$(eval $(call conv_test,transform1,nave_transform,transform,LANES=1 MAX_LOG2N=13,tests/cosim/conv/public.vlt))
$(eval $(call conv_test,transform2,nave_transform,transform,LANES=2 MAX_LOG2N=13,tests/cosim/conv/public.vlt))
$(eval $(call conv_test,convolver1,nave_convolver,convolver,LANES=1 MAX_LOG2N=13))
$(eval $(call conv_test,convolver2,nave_convolver,convolver,LANES=2 MAX_LOG2N=13))

## make cosim-conv   the convolver's blocks in Verilog against the C card, bit by bit (NAVE_SEED, NAVE_CASES)
cosim-conv: $(CONV_CHECKS)
	$(Q)status=0; for check in $^; do $$check || status=1; done; exit $$status

## make lint-rtl     all RTL through Verilator -Wall and Icarus; illegal parameters must be refused
lint-rtl:
	$(Q)tests/cosim/conv/lint_rtl.sh $(BUILD)
