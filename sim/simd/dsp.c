/* The table of the card's arithmetic blocks: what this machine runs.
 * SPDX-License-Identifier: ISC */
#include "simd.h"
#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

unsigned nave_cpu_flags(void)
{
    unsigned flags = 0;
#if defined(__x86_64__)
    __builtin_cpu_init(); /* looks at what the system saves as well as at what the processor has */
    if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul"))
        flags |= NAVE_CPU_SSE42;
    if (__builtin_cpu_supports("avx2"))
        flags |= NAVE_CPU_AVX2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd"))
        flags |= NAVE_CPU_AVX512;
#elif defined(__aarch64__)
    flags |= NAVE_CPU_NEON; /* part of the base architecture */
#endif
    return flags;
}

#define TAKE(isa)                                                                                                      \
    do {                                                                                                               \
        dsp->name = #isa;                                                                                              \
        dsp->load = nave_load_##isa;                                                                                   \
        dsp->fft = nave_fft_##isa;                                                                                     \
        dsp->post = nave_post_##isa;                                                                                   \
        dsp->cmac = nave_cmac_##isa;                                                                                   \
        dsp->align = nave_align_##isa;                                                                                 \
        dsp->pre = nave_pre_##isa;                                                                                     \
        dsp->overlap = nave_overlap_##isa;                                                                             \
        dsp->mix_q28 = nave_mix_q28_##isa;                                                                             \
        dsp->mix_q44 = nave_mix_q44_##isa;                                                                             \
    } while (0)

#define TAKE_DYN(isa)                                                                                                  \
    do {                                                                                                               \
        dsp->dyn.eq = nave_dyn_eq_##isa;                                                                               \
        dsp->dyn.split = nave_dyn_split_##isa;                                                                         \
        dsp->dyn.bands = nave_dyn_bands_##isa;                                                                         \
        dsp->dyn.merge = nave_dyn_merge_##isa;                                                                         \
        dsp->dyn.log2 = nave_dyn_log2_##isa;                                                                           \
        dsp->dyn.apply = nave_dyn_apply_##isa;                                                                         \
        dsp->dyn.peak = nave_dyn_peak_##isa;                                                                           \
    } while (0)

void nave_dsp_init(nave_dsp *dsp, unsigned mask)
{
    const unsigned flags = mask & nave_cpu_flags();
    TAKE(c);
    dsp->crc32c = nave_crc32c_c;
    dsp->dyn = nave_dyn_blocks_c;
#if defined(__x86_64__)
    if (flags & NAVE_CPU_SSE42)
        dsp->crc32c = nave_crc32c_sse42;
    if (flags & NAVE_CPU_AVX2)
        TAKE(avx2);
    if ((flags & NAVE_CPU_AVX2) && __builtin_cpu_supports("fma"))
        TAKE_DYN(avx2);
    if (flags & NAVE_CPU_AVX512) {
        TAKE(avx512);
        TAKE_DYN(avx512);
    }
    if ((flags & NAVE_CPU_SSE42) && (flags & NAVE_CPU_AVX512) && __builtin_cpu_supports("vpclmulqdq"))
        dsp->crc32c = nave_crc32c_vpclmul;
#elif defined(__aarch64__)
    if (flags & NAVE_CPU_NEON)
        TAKE(neon);
    if ((flags & NAVE_CPU_NEON) && (getauxval(AT_HWCAP) & HWCAP_CRC32)) /* an extension that nearly all have */
        dsp->crc32c = nave_crc32c_neon;
#else
    (void)flags;
#endif
}
