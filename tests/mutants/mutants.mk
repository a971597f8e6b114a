# Planted faults that the tests must see (README.md).
CI_TARGETS += mutants-sample
.PHONY: mutants mutants-sample

## make mutants      planted faults in RTL and model, each must be caught (N= SEED= JOBS= ONLY=text of name or file)
mutants:
	$(Q)python3 tests/mutants/run.py $(BUILD) $(if $(N),--number $(N)) $(if $(SEED),--seed $(SEED)) $(if $(JOBS),--jobs $(JOBS)) \
		$(if $(ONLY),--only $(ONLY))

# CI's share: other ones each time
mutants-sample:
	$(Q)python3 tests/mutants/run.py $(BUILD) --number $(or $(N),6) $(if $(SEED),--seed $(SEED))
