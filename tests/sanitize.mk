# The library and its tests under the address and undefined-behaviour sanitizers, with fewer random cases (tests/README.md).
SANITIZE_CC ?= clang-14
SANITIZE_FLAGS = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
.PHONY: sanitize

## make sanitize     unit, property and SIMD tests under ASan and UBSan
sanitize:
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/sanitize CC=$(SANITIZE_CC) CFLAGS='$(SANITIZE_FLAGS)' tests
	$(Q)tests/sanitize $(BUILD)/sanitize
