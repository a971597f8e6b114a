# Accuracy table and benchmark against the peers. See scripts/bench/README.md.
BENCH = $(BUILD)/scripts/bench
BENCH_LIBS = $(BUILD)/libnave.a $(LIB_LIBS)
.PHONY: accuracy accuracy-quick bench bench-quick bench-memory bench-dynamics check-dynamics-peers

$(BENCH)/%.o: scripts/bench/%.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(NAVE_CFLAGS) $(LIB_CFLAGS) -c $< -o $@

$(BENCH)/bench_nave: $(BENCH)/bench_nave.o $(BUILD)/libnave.a
	$(Q)$(CC) -o $@ $(BENCH)/bench_nave.o $(BENCH_LIBS)

$(BENCH)/material: $(BENCH)/material.o $(BENCH)/signals.o
	$(Q)$(CC) -o $@ $^ $(LIB_LIBS)

$(BENCH)/peer_zita: scripts/bench/peer_zita.cpp
	$(Q)mkdir -p $(@D)
	$(Q)$(CXX) -std=c++17 -O2 -Wall -Wextra -Werror -o $@ $< -lzita-convolver -lfftw3f -pthread

$(BENCH)/accuracy: $(BENCH)/accuracy.o $(BENCH)/signals.o $(BENCH)/float32.o $(BUILD)/libnave.a
	$(Q)$(CC) -o $@ $(filter %.o,$^) $(BENCH_LIBS) -lfftw3f

## make accuracy     noise against double precision and float32, with its bounds (accuracy-quick: some seconds of it)
accuracy: $(BENCH)/accuracy
	$(Q)$(BENCH)/accuracy --json $(BENCH)/accuracy.json

accuracy-quick: $(BENCH)/accuracy
	$(Q)$(BENCH)/accuracy --quick

$(BENCH)/bench_nave_file: $(BENCH)/bench_nave_file.o $(BUILD)/libnave.a
	$(Q)$(CC) -o $@ $(filter %.o,$^) $(BENCH_LIBS)

$(BENCH)/kernels: $(BENCH)/kernels.o $(BENCH)/roofline.o $(BUILD)/libnave.a
	$(Q)$(CC) -o $@ $(filter %.o,$^) $(BENCH_LIBS)

BENCH_PROGRAMS = $(addprefix $(BENCH)/,bench_nave bench_nave_file material kernels peer_zita)

## make bench        CPU time beside zita-convolver, fconvolver and brutefir, into scripts/bench/results.md
bench: $(BENCH_PROGRAMS)
	$(Q)scripts/bench/bench.py $(BENCH) --results scripts/bench/results.md

bench-quick: $(BENCH_PROGRAMS)
	$(Q)scripts/bench/bench.py $(BENCH) --quick --seconds 10 --repeats 3

## make bench-memory peak memory of a long response and of a long file
bench-memory: $(BUILD)/nave
	$(Q)scripts/bench/memory.sh $(BUILD)/nave

$(BENCH)/bench_nave_chain: $(BENCH)/bench_nave_chain.o $(BUILD)/libnave.a
	$(Q)$(CC) -o $@ $(filter %.o,$^) $(BENCH_LIBS)

$(BENCH)/peer_lv2: scripts/bench/peer_lv2.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -o $@ $< $$(pkg-config --cflags --libs lilv-0) -lm

$(BENCH)/dynamics_measure: $(BENCH)/dynamics_measure.o
	$(Q)$(CC) -o $@ $^ -lfftw3 -lm

DYNAMICS_PROGRAMS = $(addprefix $(BENCH)/,bench_nave_chain peer_lv2 dynamics_measure material)

## make bench-dynamics CPU time and sound beside LSP, Calf and ZaM multiband compressors, into scripts/bench/dynamics.md
bench-dynamics: $(DYNAMICS_PROGRAMS)
	$(Q)scripts/bench/bench_dynamics.py $(BENCH) --results scripts/bench/dynamics.md

CI_TARGETS += check-dynamics-peers
check-dynamics-peers: $(DYNAMICS_PROGRAMS)
	$(Q)scripts/bench/bench_dynamics.py $(BENCH) --quick
