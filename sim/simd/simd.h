/* The SIMD versions of the card's blocks: each does what the function of the same name in sim/model does, to the bit.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_SIMD_H
#define NAVE_SIMD_H
#include "../model/dsp.h"

#define NAVE_DECLARE(isa)                                                                                              \
    uint32_t nave_load_##isa(int32_t *dst, const int32_t *src, size_t n);                                              \
    int32_t *nave_fft_##isa(const nave_tables *t, int32_t *x, int32_t *y, unsigned flags, uint32_t *magnitude,         \
                            int *exponent);                                                                            \
    int nave_post_##isa(const nave_tables *t, const int32_t *z, uint32_t magnitude, int32_t *spectrum);                \
    void nave_cmac_##isa(const nave_cmac_job *job, int32_t *const *y, int *shift, uint32_t *magnitude);                \
    void nave_align_##isa(int32_t *dst, const int32_t *src, size_t n, unsigned shift);                                 \
    int nave_pre_##isa(const nave_tables *t, const int32_t *spectrum, const uint8_t *align, uint32_t magnitude,        \
                       int32_t *z, uint32_t *z_magnitude);                                                             \
    void nave_overlap_##isa(int64_t *mix, const int32_t *z, size_t n, int shift);                                      \
    uint32_t nave_mix_q28_##isa(int32_t *out, const nave_mix_job *job);                                                \
    uint32_t nave_mix_q44_##isa(int64_t *out, const nave_mix_job *job);

#define NAVE_DECLARE_DYN(isa)                                                                                          \
    void nave_dyn_eq_##isa(const nave_eq_section *section, nave_svf *z, size_t stride, uint32_t sections,              \
                           uint32_t channels, nave_dyn_frame *x, size_t frames);                                       \
    void nave_dyn_split_##isa(const nave_crossover *c, nave_crossover_state *z, uint32_t channels, nave_dyn_frame *x,  \
                              nave_dyn_row *row, size_t frames);                                                       \
    void nave_dyn_bands_##isa(const nave_band *band, nave_band_state *z, uint32_t bands, uint32_t channels,            \
                              uint32_t mid_side, const nave_dyn_row *side, nave_dyn_row *x, size_t frames,             \
                              nave_dyn_lowest *lowest);                                                                \
    void nave_dyn_merge_##isa(const nave_crossover *c, nave_crossover_state *z, uint32_t channels,                     \
                              const nave_dyn_row *row, nave_dyn_frame *y, size_t frames);                              \
    void nave_dyn_peak_##isa(nave_peak_history *z, const int32_t *x, size_t frames, nave_peak_reading *reading);       \
    void nave_dyn_log2_##isa(const uint32_t *v, int32_t *level, size_t frames);                                        \
    void nave_dyn_apply_##isa(const int32_t *gain, const int32_t *top, uint32_t channels, int32_t *const *x,           \
                              size_t frames);

NAVE_DECLARE(avx512)
NAVE_DECLARE_DYN(avx512)
NAVE_DECLARE_DYN(avx2)
NAVE_DECLARE(avx2)
NAVE_DECLARE(neon)
#undef NAVE_DECLARE
#undef NAVE_DECLARE_DYN

uint32_t nave_crc32c_sse42(uint32_t crc, const void *bytes, size_t n);
uint32_t nave_crc32c_vpclmul(uint32_t crc, const void *bytes, size_t n);
uint32_t nave_crc32c_neon(uint32_t crc, const void *bytes, size_t n);
#endif
