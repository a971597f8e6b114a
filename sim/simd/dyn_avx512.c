/* The dynamics engine's blocks, AVX-512 (twins of sim/model/{eq,crossover,band,true_peak,level}.c).
 * SPDX-License-Identifier: ISC */
#if defined(__x86_64__)
#include "isa_avx512.h"
#include "lanes_avx512.h"
#include "band_lanes.h"
#include "crossover_lanes.h"
#include "eq_lanes.h"
#include "peak_lanes.h"
#include "simd.h"

void nave_dyn_eq_avx512(const nave_eq_section *section, nave_svf *z, size_t stride, uint32_t sections,
                        uint32_t channels, nave_dyn_frame *x, size_t frames)
{
    eq_lanes(section, z, stride, sections, channels, x, frames);
}

void nave_dyn_split_avx512(const nave_crossover *c, nave_crossover_state *z, uint32_t channels, nave_dyn_frame *x,
                           nave_dyn_row *row, size_t frames)
{
    split_lanes(c, z, channels, x, row, frames);
}

void nave_dyn_bands_avx512(const nave_band *band, nave_band_state *z, uint32_t bands, uint32_t channels,
                           uint32_t mid_side, const nave_dyn_row *side, nave_dyn_row *x, size_t frames,
                           nave_dyn_lowest *lowest)
{
    bands_lanes(band, z, bands, channels, mid_side, side, x, frames, lowest);
}

void nave_dyn_merge_avx512(const nave_crossover *c, nave_crossover_state *z, uint32_t channels, const nave_dyn_row *row,
                           nave_dyn_frame *y, size_t frames)
{
    merge_lanes(c, z, channels, row, y, frames);
}

void nave_dyn_peak_avx512(nave_peak_history *z, const int32_t *x, size_t frames, nave_peak_reading *reading)
{
    peak_lanes(z, x, frames, reading);
}

void nave_dyn_log2_avx512(const uint32_t *v, int32_t *level, size_t frames)
{
    log2_block(v, level, frames);
}

void nave_dyn_apply_avx512(const int32_t *gain, const int32_t *top, uint32_t channels, int32_t *const *x, size_t frames)
{
    apply_block(gain, top, channels, x, frames);
}
#include "isa_end.h"
#endif
