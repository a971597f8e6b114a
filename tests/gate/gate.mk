# Netlists of Yosys against the Verilog that they were made of, with the tools that scripts/synth installs.
CI_TARGETS += gate-check
.PHONY: gate gate-check
GATE = python3 tests/gate/run_gate.py $(BUILD)/synth/venv/bin $(BUILD)/gate

## make gate         all slices as ECP5 netlists under Icarus, beside their Verilog (NAVE_CLOCKS=, SLICES="butterfly ulpi")
gate: $(BUILD)/synth/venv/ready
	$(Q)$(GATE) $(SLICES)

## make gate-check   the same of butterfly, CRC, ULPI and HyperRAM: CI's slice
gate-check: $(BUILD)/synth/venv/ready
	$(Q)NAVE_CLOCKS=$${NAVE_CLOCKS:-400} $(GATE) butterfly crc ulpi hyperram
