# nave-sim: the Verilated card as a program, one for each RAM and number of lanes; build/nave finds them in build/sim.
# `sim:` cards are not needed by anything but the tests that simulate: `make all` does without Verilator.
.PHONY: sim
SIM = $(BUILD)/sim
SIM_RTL = $(wildcard rtl/prim/*.v rtl/arith/*.v rtl/stream/*.v rtl/mem/*.v rtl/link/*.v rtl/conv/*.v rtl/card/*.v)
SIM_TABLES = $(wildcard rtl/conv/*.hex rtl/card/*.hex)
SIM_HARNESS = $(wildcard sim/harness/*.h) sim/harness/card.cpp sim/harness/nave_sim.cpp sim/harness/card.vlt rtl/lint.vlt
# as the source names its tables; the program goes there before it makes the card
SIM_TABLE_COPIES = $(SIM_TABLES:%=$(SIM)/%)
# what `make install` takes along, when it was built
SIM_INSTALLED = $(if $(wildcard $(SIM)/nave-sim-*),$(patsubst $(SIM)/%,%,$(wildcard $(SIM)/nave-sim-* $(SIM)/rtl/*/*.hex)))
# TRACE=1: with FST traces, slower
SIM_TRACE = $(if $(TRACE),--trace-fst)

$(SIM)/rtl/%: rtl/%
	$(Q)install -D -m 644 $< $@

# $(1) name, $(2) RAM as in card.cpp, $(3) its name, $(4) lanes, $(5) address bits, $(6) RAM bytes, $(7) log2 of the largest partition,
# $(8) further options of Verilator
define sim_card
$$(SIM)/$(1)/nave-sim: $$(SIM_RTL) $$(SIM_HARNESS) $$(SIM_TABLE_COPIES)
	$$(Q)rm -rf $$(@D) # what a stopped run left of another net would be linked in
	$$(Q)mkdir -p $$(@D)
	$$(Q)echo "  VERILATE nave_card, $(1)"
	$$(Q)verilator --cc --exe --build -Wall -O3 --noassert $(8) $$(SIM_TRACE) -Irtl/link rtl/lint.vlt sim/harness/card.vlt \
		--prefix Vcard --top-module nave_card -GRAM='"$(3)"' -GLANES=$(4) -GADDRESS_BITS=$(5) -GRAM_BYTES="32'd$(6)" -GMAX_LOG2N=$(7) \
		-CFLAGS "-std=c++17 -DNAVE_CARD_RAM=$(2) -DNAVE_CARD_LANES=$(4) -DNAVE_CARD_ADDRESS_BITS=$(5) -DNAVE_CARD_RAM_BYTES=$(6) \
		-DNAVE_CARD_LOG2N=$(7) -DNAVE_CARD_CLOCK_HZ=120000000" -MAKEFLAGS "OPT_FAST=-O2" --Mdir $$(@D) -o nave-sim $$(SIM_RTL) \
		$$(abspath sim/harness/card.cpp sim/harness/nave_sim.cpp) >$$(@D)/log 2>&1 || { cat $$(@D)/log; exit 1; }

$$(SIM)/nave-sim-$(1): $$(SIM)/$(1)/nave-sim
	$$(Q)cp $$< $$@
endef
SIM_FAST = --x-assign fast --x-initial fast
$(eval $(call sim_card,port1,0,port,1,23,32768000,13,$(SIM_FAST)))
$(eval $(call sim_card,port2,0,port,2,23,32768000,13,$(SIM_FAST)))
$(eval $(call sim_card,hyperram1,1,hyperram,1,21,7995392,13,$(SIM_FAST)))
$(eval $(call sim_card,hyperram2,1,hyperram,2,21,7995392,13,$(SIM_FAST)))
$(eval $(call sim_card,sdram1,2,sdram,1,23,32768000,13,$(SIM_FAST)))
$(eval $(call sim_card,sdram2,2,sdram,2,23,32768000,13,$(SIM_FAST)))

## make sim          the simulated cards (sim:ram=port|hyperram|sdram,lanes=1|2), or those of CARDS="port2 sdram2"; TRACE=1 for FST traces
CARDS ?= port1 port2 hyperram1 hyperram2 sdram1 sdram2
sim: $(CARDS:%=$(SIM)/nave-sim-%)
