# The link's RTL against the C card.
CI_TARGETS += cosim-link cosim-icarus
.PHONY: cosim-link cosim-icarus
COSIM_LINK := $(BUILD)/tests/cosim/link
COSIM_LINK_RTL := $(wildcard rtl/link/*.v) rtl/mem/ram_stream.v rtl/mem/ram_bursts.v rtl/stream/fifo.v rtl/stream/skid.v
COSIM_LINK_TEST = $(addprefix tests/cosim/link/,check_link.cpp bench.h contexts.h reference.h) sim/harness/ram_port.h \
	$(COSIM_FILES) $(COSIM_C_CARD_FILES)
COSIM_LINK_C = $(COSIM)/link/reference.o $(COSIM_C_CARD) $(BUILD)/libnave.a

# 4 KiB of payload on the chip, and 256 bytes, so that nearly all of them go through the RAM
$(COSIM_LINK)/chip%/check: $(COSIM_LINK_RTL) rtl/link/protocol.vh $(COSIM_LINK_TEST) $(COSIM_LINK_C)
	$(Q)mkdir -p $(@D)
	$(Q)$(COSIM_VERILATOR) -Irtl/link -CFLAGS "-O2 -std=c++14" --Mdir $(@D) --top-module nave_link -GADDRESS_BITS=17 -GLOG2_CHIP_WORDS=$* -GRAM_BYTES="32'h40000" \
		-o check $(COSIM_LINK_RTL) $(abspath tests/cosim/link/check_link.cpp $(COSIM_LINK_C)) -LDFLAGS "$(LIB_LIBS)" >$(@D)/log 2>&1 || { cat $(@D)/log; exit 1; }

## make cosim-link   the link in Verilog against the C card: frames good and bad, stalls at every word
cosim-link: $(COSIM_LINK)/chip10/check $(COSIM_LINK)/chip6/check
	$(Q)$(COSIM_LINK)/chip10/check
	$(Q)$(COSIM_LINK)/chip6/check

# a slice of it under Icarus Verilog, by replaying the pins of a round under Verilator
COSIM_ICARUS = $(BUILD)/tests/cosim/icarus

$(COSIM_ICARUS)/link.vvp: tests/cosim/icarus/link_replay.v $(COSIM_LINK_RTL) rtl/link/protocol.vh
	$(Q)mkdir -p $(@D)
	$(Q)iverilog -g2005 -Irtl/link -s link_replay -o $@ tests/cosim/icarus/link_replay.v $(COSIM_LINK_RTL)

## make cosim-icarus a round of the link's test again under Icarus Verilog, clock for clock
cosim-icarus: $(COSIM_ICARUS)/link.vvp $(COSIM_LINK)/chip10/check
	$(Q)$(COSIM_LINK)/chip10/check 1 $(COSIM_ICARUS)/link.txt
	$(Q)vvp -n $(COSIM_ICARUS)/link.vvp +vectors=$(COSIM_ICARUS)/link.txt
