/* Ends what isa_avx512.h or isa_avx2.h began.
 * SPDX-License-Identifier: ISC */
#ifdef __clang__
#pragma clang attribute pop
#endif
