# From rtl/ to bitstreams/<board>, with the tools that scripts/synth installs.
CI_TARGETS += bitstream-synth
.PHONY: bitstream bitstream-again bitstream-check bitstream-synth

BITSTREAM = python3 scripts/bitstream/bitstream.py
BITSTREAM_TOOLS = $(BUILD)/synth/venv/bin $(BUILD)/bitstream

## make bitstream    bitstream and manifest of BOARD=cynthion|ulx3s: CLOCK= MHz at most (120), SEEDS=1-8, SET="AUX=1" (a quarter of an hour a seed)
bitstream: $(BUILD)/synth/venv/ready
	$(Q)$(BITSTREAM) build $(BITSTREAM_TOOLS) $(BOARD) $(if $(CLOCK),--clock $(CLOCK)) $(if $(SEEDS),--seeds $(SEEDS)) \
		$(if $(MARGIN),--margin $(MARGIN)) $(SET:%=--set %) $(if $(OUT),--out $(OUT))

## make bitstream-again   builds BOARD= once more as its manifest says; fails if one bit differs
bitstream-again: $(BUILD)/synth/venv/ready
	$(Q)$(BITSTREAM) rebuild $(BITSTREAM_TOOLS) $(BOARD)

## make bitstream-check   fails when rtl/ changed and the manifests did not; files against manifests
bitstream-check:
	$(Q)$(BITSTREAM) check

## make bitstream-synth   each board's top through Yosys, the card as a box; its pins against the .lpf
bitstream-synth: $(BUILD)/synth/venv/ready
	$(Q)$(BITSTREAM) synth $(BITSTREAM_TOOLS)
