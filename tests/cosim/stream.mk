# The stream blocks under every pattern of valid and ready.
CI_TARGETS += cosim-stream
.PHONY: cosim-stream
COSIM_STREAM = $(BUILD)/tests/cosim/stream

$(COSIM_STREAM)/check: tests/cosim/stream/check_stream.cpp tests/cosim/stream/stream_top.v $(wildcard rtl/stream/*.v) $(COSIM_FILES)
	$(Q)mkdir -p $(@D)
	$(Q)$(COSIM_VERILATOR) -CFLAGS "-O2 -std=c++14" \
		--Mdir $(@D) --top-module stream_top -o check $(wildcard rtl/stream/*.v) tests/cosim/stream/stream_top.v \
		$(abspath tests/cosim/stream/check_stream.cpp) >$(@D)/log 2>&1 || { cat $(@D)/log; exit 1; }

## make cosim-stream fifos, skid, clock crossing, arbiter: order, rate, stalls, clock ratios
cosim-stream: $(COSIM_STREAM)/check
	$(Q)$(COSIM_STREAM)/check
