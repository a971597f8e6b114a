# The boards' tops in Verilog, from power-on to frames over USB.
CI_TARGETS += cosim-board
.PHONY: cosim-board cosim-board-all
COSIM_BOARD = $(COSIM)/board
# what the simulated cards are made of (sim/harness/sim.mk), and USB
COSIM_BOARD_RTL = $(SIM_RTL) $(wildcard rtl/usb/*.v) $(addprefix rtl/board/,board.v board_status.v flash_id.v ram_test.v sync.v)
COSIM_BOARD_USB = sim/harness/usb/host.cpp sim/harness/usb/phy.cpp sim/harness/usb/transfer.cpp

$(COSIM_BOARD)/%/check: tests/cosim/board/%_top.v tests/cosim/board/check_board.cpp rtl/board/%.v $(COSIM_BOARD_RTL) $(COSIM_C_CARD) $(COSIM_C_CARD_FILES) \
		$(COSIM_FILES) $(COSIM_BOARD_USB) $(wildcard sim/harness/*.h sim/harness/usb/*.h) $(BUILD)/libnave.a
	$(Q)mkdir -p $(@D)
	$(Q)echo "  VERILATE nave_$*"
	$(Q)$(COSIM_VERILATOR) -Irtl/link -Irtl/usb -Irtl/dyn -CFLAGS "-O2 -std=c++17 $(if $(filter ulx3s,$*),-DNAVE_BOARD_ULX3S)" -MAKEFLAGS "OPT_FAST=-O2" --Mdir $(@D) \
		--top-module board_top -o check tests/cosim/board/$*_top.v rtl/board/$*.v $(COSIM_BOARD_RTL) \
		$(abspath tests/cosim/board/check_board.cpp $(COSIM_BOARD_USB) $(COSIM_C_CARD) $(BUILD)/libnave.a) -LDFLAGS "$(LIB_LIBS)" >$(@D)/log 2>&1 || { cat $(@D)/log; exit 1; }

## make cosim-board  Cynthion's top in Verilog: RAM test, lamps, enumeration, frames as the C card answers them (cosim-board-all: the ULX3S too)
cosim-board: $(COSIM_BOARD)/cynthion/check
	$(Q)$<

cosim-board-all: cosim-board $(COSIM_BOARD)/ulx3s/check
	$(Q)$(COSIM_BOARD)/ulx3s/check
