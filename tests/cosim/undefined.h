// What starts undefined in Verilog is random in the models that are made after this (--x-initial unique alone leaves
// zeros). SPDX-License-Identifier: ISC
#pragma once
#include <cstdint>
#include <verilated.h>

static inline void random_undefined(uint64_t seed)
{
    Verilated::randReset(2);
    Verilated::randSeed((int)(seed & 0x7fffffff) | 1); // 0 is the clock's
}
