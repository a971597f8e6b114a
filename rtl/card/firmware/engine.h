/* The firmware's only way to the hardware.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_FIRMWARE_ENGINE_H
#define NAVE_FIRMWARE_ENGINE_H
#include "registers.h"
#include <stdint.h>

#ifdef NAVE_FIRMWARE
/* Decoded as 0x20000000 is, and within reach of an offset from x0: an access is one instruction. */
#define NAVE_ENGINE_BASE 0xfffffc00u
static inline uint32_t reg_read(uint32_t offset)
{
    return *(volatile uint32_t *)(NAVE_ENGINE_BASE + offset);
}
static inline void reg_write(uint32_t offset, uint32_t value)
{
    *(volatile uint32_t *)(NAVE_ENGINE_BASE + offset) = value;
}
#else /* the engine of tests/cosim/firmware */
uint32_t nave_engine_read(uint32_t offset);
void nave_engine_write(uint32_t offset, uint32_t value);
static inline uint32_t reg_read(uint32_t offset)
{
    return nave_engine_read(offset);
}
static inline void reg_write(uint32_t offset, uint32_t value)
{
    nave_engine_write(offset, value);
}
#endif

/* Until all of these bits of STATUS are set. */
static inline void wait_for(uint32_t idle)
{
    while (idle & ~reg_read(NAVE_E_STATUS))
        ;
}
/* n words of 64 bits through the X reader. */
static inline void x_read(uint32_t address, uint32_t n_and_how)
{
    reg_write(NAVE_E_X_ADDRESS, address);
    reg_write(NAVE_E_X_READ, n_and_how);
}
static inline void h_read(uint32_t address, uint32_t n)
{
    reg_write(NAVE_E_H_ADDRESS, address);
    reg_write(NAVE_E_H_READ, n);
}
/* Words of 32 bits from a source. */
static inline void w_write(uint32_t address, uint32_t n_and_source)
{
    reg_write(NAVE_E_W_ADDRESS, address);
    reg_write(NAVE_E_W_WRITE, n_and_source);
}
/* n words, which the caller then takes by port_word or gives by port_push: all of them before the next job. */
static inline void port_read(uint32_t address, uint32_t n)
{
    reg_write(NAVE_E_C_ADDRESS, address);
    reg_write(NAVE_E_C_READ, n);
}
static inline uint32_t port_word(void)
{
    return reg_read(NAVE_E_C_DATA);
}
static inline void port_write(uint32_t address, uint32_t n)
{
    reg_write(NAVE_E_C_ADDRESS, address);
    reg_write(NAVE_E_C_WRITE, n);
}
static inline void port_push(uint32_t word)
{
    reg_write(NAVE_E_C_PUSH, word);
}
#endif
