# What the fragments of tests/cosim share. They are read after this one: the Makefile takes tests/*.mk before tests/*/*.mk.
COSIM := $(BUILD)/tests/cosim
# all that starts undefined is random, in a program that asks for it (tests/cosim/undefined.h, sim/harness/card.cpp)
SIM_UNIQUE = --x-assign unique --x-initial unique
COSIM_VERILATOR = verilator --cc --exe --build -Wall -O3 $(SIM_UNIQUE) rtl/lint.vlt
# what every one of these programs is made of, besides its own
COSIM_FILES = rtl/lint.vlt sim/harness/coverage.h tests/cosim/seed.h tests/cosim/undefined.h

# C files for programs in C++: by the rule of the Makefile
COSIM_OBJECTS = $(addprefix $(COSIM)/,c_card.o card/plans.o link/reference.o)
.SECONDARY: $(COSIM_OBJECTS)
-include $(COSIM_OBJECTS:.o=.d)
COSIM_C_CARD = $(COSIM)/c_card.o
COSIM_C_CARD_FILES = tests/cosim/c_card.h tests/cosim/frame.h tests/cosim/seed.h
