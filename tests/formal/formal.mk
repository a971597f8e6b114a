# Proofs with SymbiYosys. The tools come from PyPI into build/, with their versions pinned: Debian's
# z3 4.8 hangs on two of the proofs and its yosys has no sby.
FORMAL_TOOLS = $(BUILD)/formal-tools
CI_TARGETS += formal
.PHONY: formal

$(FORMAL_TOOLS)/ready: tests/formal/requirements.txt
	$(Q)python3 -m venv $(FORMAL_TOOLS)
	$(Q)$(FORMAL_TOOLS)/bin/pip install -q --disable-pip-version-check -r $<
	$(Q)touch $@

## make formal       prove the properties of the stream, frame parser and USB blocks; planted bugs must be found (NAVE_FORMAL="block ..": only those)
formal: $(FORMAL_TOOLS)/ready
	$(Q)PATH="$(abspath $(FORMAL_TOOLS))/bin:$$PATH" YOWASP_CACHE_DIR=$(abspath $(FORMAL_TOOLS))/cache \
		python3 tests/formal/run_formal.py $(FORMAL_TOOLS)/bin $(BUILD)/formal 1
