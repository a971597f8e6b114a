/* Turns AVX2 and FMA on for the rest of a file, until isa_end.h.
 * SPDX-License-Identifier: ISC */
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#include <immintrin.h>
