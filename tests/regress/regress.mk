# Random regression over cores or nodes (README.md).
CI_TARGETS += regress-check
.PHONY: regress regress-programs regress-slurm regress-check
REGRESS_ONLY = $(ONLY)
REGRESS_PROGRAMS = $(shell awk -v only="$(ONLY)" '/^[^\#]/ && NF > 1 { n = split(only, o, ","); take = n == 0; \
	for (i = 1; i <= n; i++) if (index($$1, o[i])) take = 1; if (take) print "$(BUILD)/" $$2 }' tests/regress/units.txt)
REGRESS_ASKED = $(addprefix --number ,$(call GIVEN,N)) $(addprefix --seed ,$(call GIVEN,SEED)) $(addprefix --only ,$(ONLY))

## make regress      every cosim unit with N= seeds (4), JOBS= at a time (all cores), from SEED=; ONLY=link,card: some of them
regress: $(REGRESS_PROGRAMS)
	$(Q)python3 tests/regress/run.py $(BUILD) all $(REGRESS_ASKED) $(addprefix --jobs ,$(call GIVEN,JOBS))

## make regress-slurm   the same as a Slurm array job: on the cluster there is, else on one node that it starts here
regress-slurm: $(REGRESS_PROGRAMS)
	$(Q)tests/regress/slurm $(BUILD) "$(call GIVEN,JOBS)" $(REGRESS_ASKED)

# a planted failure must fail, be named, and fail again by its replay command
regress-check:
	$(Q)tests/regress/check $(BUILD)
