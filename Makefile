# nave. `make demo` and `make test` are the two commands of the README; `make help` lists the rest.
SHELL = /bin/bash
Q = $(if $(V),,@)
VERSION = 0.1.0
ABI = 0
PREFIX ?= /usr/local
BUILD ?= build
CC = gcc
PACKAGES = sndfile fftw3 soxr libebur128 nettle libusb-1.0
CLI_PACKAGES = $(PACKAGES) cairo jansson
# -ffp-contract=off: a fused multiply-add on one machine and none on another would be two sets of bits
CFLAGS ?= -O3 -g
NAVE_CFLAGS = -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -fPIC -fvisibility=hidden -ffp-contract=off -fno-math-errno -MMD -MP -pthread -Ihost/include
# expanded when a recipe needs them: `make setup` may just have installed what they ask for
LIB_CFLAGS = $(shell pkg-config --cflags $(CLI_PACKAGES))
LIB_LIBS = $(shell pkg-config --libs $(PACKAGES)) -lm -pthread
CLI_LIBS = $(shell pkg-config --libs $(CLI_PACKAGES)) -lm -pthread
CHECK_LIBS = $(shell pkg-config --libs check)

LIB_SOURCES := $(wildcard sim/model/*.c sim/simd/*.c driver/*.c host/lib/*.c)
CLI_SOURCES := $(wildcard host/cli/*.c)
LIB_OBJECTS := $(LIB_SOURCES:%.c=$(BUILD)/%.o)
CLI_OBJECTS := $(CLI_SOURCES:%.c=$(BUILD)/%.o)
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/check_*.c))
PROPERTY_TESTS := $(patsubst tests/property/%.c,$(BUILD)/tests/property/%,$(wildcard tests/property/check_*.c))

.PHONY: all help list-ci-targets demo test tests clean install uninstall generate format lint
.DELETE_ON_ERROR:

all: $(BUILD)/libnave.a $(BUILD)/libnave.so $(BUILD)/nave

help:
	@sed -n 's/^## //p' Makefile

$(BUILD)/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(Q)echo "  CC  $<"
	$(Q)$(CC) $(CFLAGS) $(NAVE_CFLAGS) $(LIB_CFLAGS) -c $< -o $@

$(BUILD)/libnave.a: $(LIB_OBJECTS)
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/libnave.so.$(VERSION): $(LIB_OBJECTS) host/lib/nave.map
	$(Q)echo "  LD  $@"
	$(Q)$(CC) -shared -Wl,-soname,libnave.so.$(ABI) -Wl,--version-script=host/lib/nave.map -o $@ $(LIB_OBJECTS) $(LIB_LIBS)

$(BUILD)/libnave.so: $(BUILD)/libnave.so.$(VERSION)
	$(Q)ln -sf libnave.so.$(VERSION) $(BUILD)/libnave.so.$(ABI)
	$(Q)ln -sf libnave.so.$(ABI) $@

$(BUILD)/nave: $(CLI_OBJECTS) $(BUILD)/libnave.a
	$(Q)echo "  LD  $@"
	$(Q)$(CC) -o $@ $^ $(CLI_LIBS)

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libnave.a
	$(Q)mkdir -p $(@D)
	$(Q)echo "  LD  $@"
	$(Q)$(CC) $(CFLAGS) $(NAVE_CFLAGS) $(LIB_CFLAGS) -o $@ $< $(BUILD)/libnave.a $(LIB_LIBS) $(CHECK_LIBS)

$(BUILD)/tests/property/%: tests/property/%.c $(BUILD)/libnave.a
	$(Q)mkdir -p $(@D)
	$(Q)echo "  LD  $@"
	$(Q)$(CC) $(CFLAGS) $(NAVE_CFLAGS) $(LIB_CFLAGS) -o $@ $< $(BUILD)/libnave.a $(LIB_LIBS) $(CHECK_LIBS)

$(BUILD)/tests/simd/check_simd: $(wildcard tests/simd/*.c) $(wildcard tests/simd/*.h) $(BUILD)/libnave.a
	$(Q)mkdir -p $(@D)
	$(Q)echo "  LD  $@"
	$(Q)$(CC) $(CFLAGS) $(filter-out -MMD -MP,$(NAVE_CFLAGS)) -o $@ $(filter %.c,$^) $(BUILD)/libnave.a $(LIB_LIBS)

## make demo         install what is missing, build, render a recording through a room, receipt, picture
demo:
	@scripts/setup demo
	@$(MAKE) --no-print-directory all
	@NAVE=$(BUILD)/nave scripts/demo $(BUILD)/demo

## make test         install what is missing, build, run all tests that CI runs
test:
	@scripts/setup test
	@$(MAKE) --no-print-directory all
	@scripts/check/run $(BUILD)

## make lint         formatting, generated files, exported symbols, style
lint: all
	@scripts/check/lint $(BUILD)

format:
	clang-format -i $(shell git ls-files '*.c' '*.h' ':!sim/model/twiddle_rom.c' ':!sim/model/dyn_tables.c' ':!driver/protocol.h')

## make install      library, header, pkg-config file, program, manual, completion, and what `make sim` built (PREFIX, DESTDIR)
install: all
	install -d $(DESTDIR)$(PREFIX)/{bin,lib/pkgconfig,include,share/man/man1,share/bash-completion/completions,share/zsh/site-functions,share/fish/vendor_completions.d,lib/udev/rules.d}
	install -m 755 $(BUILD)/nave $(DESTDIR)$(PREFIX)/bin/
	install -m 644 host/include/nave.h $(DESTDIR)$(PREFIX)/include/
	install -m 644 $(BUILD)/libnave.a $(DESTDIR)$(PREFIX)/lib/
	install -m 755 $(BUILD)/libnave.so.$(VERSION) $(DESTDIR)$(PREFIX)/lib/
	ln -sf libnave.so.$(VERSION) $(DESTDIR)$(PREFIX)/lib/libnave.so.$(ABI)
	ln -sf libnave.so.$(ABI) $(DESTDIR)$(PREFIX)/lib/libnave.so
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' host/nave.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/nave.pc
	install -m 644 host/cli/nave.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 host/cli/nave.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/nave
	install -m 644 host/cli/_nave $(DESTDIR)$(PREFIX)/share/zsh/site-functions/
	install -m 644 host/cli/nave.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/
	install -m 644 driver/70-nave.rules $(DESTDIR)$(PREFIX)/lib/udev/rules.d/
	for f in $(wildcard bitstreams/*/*.bit bitstreams/*/manifest.json); do install -D -m 644 $$f $(DESTDIR)$(PREFIX)/share/nave/$$f; done
	for f in $(SIM_INSTALLED); do install -D -m $$([ -x $(SIM)/$$f ] && echo 755 || echo 644) $(SIM)/$$f $(DESTDIR)$(PREFIX)/libexec/nave/$$f; done

uninstall:
	cd $(DESTDIR)$(PREFIX) && rm -f bin/nave include/nave.h lib/libnave.a lib/libnave.so{,.$(ABI),.$(VERSION)} \
		lib/pkgconfig/nave.pc share/man/man1/nave.1 share/bash-completion/completions/nave \
		share/zsh/site-functions/_nave share/fish/vendor_completions.d/nave.fish lib/udev/rules.d/70-nave.rules
	rm -rf $(DESTDIR)$(PREFIX)/libexec/nave $(DESTDIR)$(PREFIX)/share/nave

tests: $(UNIT_TESTS) $(PROPERTY_TESTS) $(BUILD)/tests/simd/check_simd

## make generate     rewrite what one table makes: protocol headers and page, twiddle ROM
generate:
	python3 scripts/gen/protocol.py .
	python3 scripts/gen/twiddle.py sim/model/twiddle_rom.c rtl/conv/twiddle_rom.hex
	python3 scripts/gen/dyn_tables.py .
	python3 scripts/gen/usb_descriptors.py .

# fragments add to CI_TARGETS what `make test` runs besides the programs of tests/
-include $(wildcard sim/*/*.mk tests/*.mk tests/*/*.mk scripts/*/*.mk)

list-ci-targets:
	@echo $(CI_TARGETS)

clean:
	rm -rf $(BUILD)

-include $(LIB_OBJECTS:.o=.d) $(CLI_OBJECTS:.o=.d) $(wildcard $(BUILD)/tests/unit/*.d $(BUILD)/tests/property/*.d)
