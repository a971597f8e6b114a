# Fuzzers and hostile files (tests/README.md). Built by clang with ASan and UBSan, apart from the usual build.
FUZZ_SECONDS ?= 60
FUZZ_CC ?= clang-14
FUZZ_FLAGS = $(SANITIZE_FLAGS) -fsanitize=fuzzer-no-link
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
.PHONY: fuzz fuzz-programs hostile hostile-slice
CI_TARGETS += hostile-slice

## make fuzz         libFuzzer over frames, plans, audio files, matrices, receipts, chains and dynamics (FUZZ_SECONDS=60 in all)
fuzz:
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=$(FUZZ_CC) CFLAGS='$(FUZZ_FLAGS)' fuzz-programs
	$(Q)tests/fuzz/run $(BUILD)/fuzz $(FUZZ_SECONDS) $(FUZZ_TARGETS)

fuzz-programs: $(BUILD)/tests/fuzz/corpus $(FUZZ_TARGETS:%=$(BUILD)/tests/fuzz/%)

$(BUILD)/tests/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(wildcard tests/fuzz/*.h) $(BUILD)/libnave.a
	$(Q)mkdir -p $(@D)
	$(Q)echo "  LD  $@"
	$(Q)$(CC) $(CFLAGS) -fsanitize=fuzzer $(filter-out -MMD -MP,$(NAVE_CFLAGS)) $(LIB_CFLAGS) -o $@ $< $(BUILD)/libnave.a $(LIB_LIBS)

$(BUILD)/tests/fuzz/%: tests/fuzz/%.c $(wildcard tests/fuzz/*.h) $(BUILD)/libnave.a
	$(Q)mkdir -p $(@D)
	$(Q)echo "  LD  $@"
	$(Q)$(CC) $(CFLAGS) $(filter-out -MMD -MP,$(NAVE_CFLAGS)) $(LIB_CFLAGS) -o $@ $< $(BUILD)/libnave.a $(LIB_LIBS)

## make hostile      10,000 damaged files: no crash, no report, nothing left behind, a message that names the fault
hostile:
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/sanitize CC=$(SANITIZE_CC) CFLAGS='$(SANITIZE_FLAGS)' $(BUILD)/sanitize/tests/fuzz/hostile
	$(Q)NAVE_CASES=$${NAVE_CASES:-10000} LSAN_OPTIONS=print_suppressions=0 $(BUILD)/sanitize/tests/fuzz/hostile 2>&1

hostile-slice:
	$(Q)NAVE_CASES=500 $(MAKE) --no-print-directory hostile
