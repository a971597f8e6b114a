/* Turns AVX-512 (F, DQ, BW, VL, CD) on for the rest of a file, until isa_end.h: no flags of its own in the Makefile.
 * SPDX-License-Identifier: ISC */
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,avx512f,avx512dq,avx512bw,avx512vl,avx512cd"))),              \
                             apply_to = function)
#else
#pragma GCC target("avx2,avx512f,avx512dq,avx512bw,avx512vl,avx512cd")
#endif
#include <immintrin.h>
