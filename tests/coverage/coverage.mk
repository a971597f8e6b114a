# Coverage of rtl/ by the cosim programs (README.md). Built apart, in BUILD/coverage.
CI_TARGETS += coverage-slice
.PHONY: coverage coverage-slice
COVERAGE_PROGRAMS = $(addprefix $(BUILD)/tests/cosim/,conv/arith/check conv/transform1/check conv/transform2/check \
	conv/convolver1/check conv/convolver2/check stream/check link/chip10/check link/chip6/check mem/hyperram0/check \
	mem/hyperram1/check mem/sdram/check engine/mix/check engine/whole/check core/core/check core/control/check \
	card/check-port2@6 card/check-hyperram2@3 card/check-sdram1@3)
COVERAGE_SLICE = $(BUILD)/tests/cosim/stream/check

## make coverage     lines, toggles and functional points of rtl/ that the cosim programs reach
coverage:
	$(Q)python3 tests/coverage/run.py $(BUILD) $(BUILD)/coverage $(COVERAGE_PROGRAMS)

coverage-slice:
	$(Q)python3 tests/coverage/run.py $(BUILD) $(BUILD)/coverage $(COVERAGE_SLICE) --slice
