# The whole card in Verilog against the C card.
CI_TARGETS += cosim-card cosim-render
.PHONY: cosim-card cosim-card-long cosim-cycles cosim-cycles-long cosim-render
COSIM_CARD = $(BUILD)/tests/cosim/card
$(eval $(call sim_card,cosim-port2,0,port,2,19,1835008,11,$(SIM_UNIQUE)))
$(eval $(call sim_card,cosim-port1,0,port,1,20,3866624,13,$(SIM_UNIQUE)))
$(eval $(call sim_card,cosim-hyperram2,1,hyperram,2,21,7995392,13,$(SIM_UNIQUE)))
$(eval $(call sim_card,cosim-sdram1,2,sdram,1,23,3866624,12,$(SIM_UNIQUE)))
$(eval $(call sim_card,cosim-sdram2,2,sdram,2,23,1835008,11,$(SIM_UNIQUE)))

COSIM_CARD_C = $(COSIM_CARD)/plans.o $(COSIM_C_CARD)
COSIM_CARD_FILES = tests/cosim/card/check_card.cpp $(addprefix tests/cosim/card/,both.h session.h plans.h) $(COSIM_C_CARD_FILES)
COSIM_CARD_LINK = g++ -std=c++17 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -o $@ $< $(COSIM_CARD_C) $(1)/card.o $(1)/Vcard__ALL.a \
	$(1)/verilated*.o $(BUILD)/libnave.a $(LIB_LIBS)

$(COSIM_CARD)/check-%: $(COSIM_CARD_FILES) $(COSIM_CARD_C) $(SIM)/cosim-%/nave-sim $(BUILD)/libnave.a
	$(Q)echo "  LD  $@"
	$(Q)$(call COSIM_CARD_LINK,$(SIM)/cosim-$*)

# the very card of sim:board=cynthion, which the tests below need too
$(COSIM_CARD)/check-cynthion: $(COSIM_CARD_FILES) $(COSIM_CARD_C) $(SIM)/hyperram1/nave-sim $(BUILD)/libnave.a
	$(Q)echo "  LD  $@"
	$(Q)$(call COSIM_CARD_LINK,$(SIM)/hyperram1)

## make cosim-card   the whole card in Verilog against the C card: random plans, contexts, cuts, changes, bad frames, stalls (a slice)
cosim-card: $(COSIM_CARD)/check-port2 $(COSIM_CARD)/check-cynthion
	$(Q)status=0; for check in $^; do NAVE_CASES=$${NAVE_CASES:-15} $$check || status=1; done; exit $$status

## make cosim-card-long   the same over all RAMs, lanes and sizes: N= cases each (90), SEED= (of the day)
COSIM_CARD_ALL = $(addprefix $(COSIM_CARD)/check-,port1 port2 cynthion hyperram2 sdram1 sdram2)
cosim-card-long: $(COSIM_CARD_ALL)
	$(Q)status=0; for check in $^; do NAVE_CASES=$(or $(N),90) NAVE_SEED=$(or $(SEED),$$(date +%Y%m%d)) $$check || status=1; done; exit $$status

$(COSIM_CARD)/cycles: tests/cosim/card/cycles.c $(BUILD)/libnave.a
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(filter-out -MMD -MP,$(NAVE_CFLAGS)) -o $@ $^ $(LIB_LIBS)

## make cosim-cycles clocks of each tick, counted by the simulated card, beside those that `nave plan` predicts (a slice)
cosim-cycles: $(COSIM_CARD)/cycles $(SIM)/nave-sim-hyperram1
	$(Q)NAVE_SIM=$(SIM) $<

## make cosim-cycles-long   the same with 5 s responses on all boards: half an hour
cosim-cycles-long: $(COSIM_CARD)/cycles sim
	$(Q)NAVE_SIM=$(SIM) $< --all

## make cosim-render the program, unchanged, through the simulated card: the samples of the C card
cosim-render: $(BUILD)/nave $(SIM)/nave-sim-hyperram1
	$(Q)NAVE_SIM=$(SIM) tests/cosim/card/render.sh $(BUILD)/nave $(COSIM_CARD)/render

## make sim-music    60 s of music through a hall of 2.35 s on the simulated card, verified on the C card (MUSIC_SECONDS=, DEVICE=; 10 minutes alone on a core)
MUSIC_SECONDS ?= 60
DEVICE ?= sim:ram=port,lanes=2
.PHONY: sim-music
sim-music: $(BUILD)/nave sim
	$(Q)NAVE_SIM=$(SIM) tests/cosim/card/music.sh $(BUILD)/nave $(COSIM_CARD)/music $(DEVICE) $(MUSIC_SECONDS)
