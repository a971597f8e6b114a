# Planted faults that the tests must see (README.md).
CI_TARGETS += mutants-sample
.PHONY: mutants mutants-sample
# N, SEED, JOBS as they were asked for: other fragments give them values of their own
GIVEN = $(if $(filter command environment,$(firstword $(origin $(1)))),$($(1)))

## make mutants      planted faults in RTL and model, each must be caught (N= SEED= JOBS= ONLY=text of name or file)
mutants:
	$(Q)python3 tests/mutants/run.py $(BUILD) $(addprefix --number ,$(call GIVEN,N)) $(addprefix --seed ,$(call GIVEN,SEED)) \
		$(addprefix --jobs ,$(call GIVEN,JOBS)) $(addprefix --only ,$(ONLY))

# CI's share: other ones each time
mutants-sample:
	$(Q)python3 tests/mutants/run.py $(BUILD) --number $(or $(call GIVEN,N),6) $(addprefix --seed ,$(call GIVEN,SEED))
