/* Registers of the engine (rtl/card/engine.v): byte offsets and fields; the page is rtl/card/README.md.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_FIRMWARE_REGISTERS_H
#define NAVE_FIRMWARE_REGISTERS_H

/* The link's command. */
#define NAVE_E_COMMAND 0x00u /* bit 0 pending, 15..8 type, 18..16 context */
#define NAVE_E_POSITION_LO 0x04u
#define NAVE_E_POSITION_HI 0x08u
#define NAVE_E_LENGTH 0x0cu
#define NAVE_E_WORD0 0x10u
#define NAVE_E_WORD1 0x14u
#define NAVE_E_ANSWER 0x18u /* 3..0 status, bit 4 answered */
#define NAVE_E_VALUE 0x1cu
#define NAVE_E_ANSWERED (1u << 4)
#define NAVE_E_EVENT 0x20u
#define NAVE_E_EVENT_TICK 1u
#define NAVE_E_CLIPPED 0x24u
#define NAVE_E_BUSY 0x2cu         /* clocks less the waits for the link */
#define NAVE_E_PAYLOAD_READ 0x30u /* 14..0 offset, 30..16 words */
#define NAVE_E_TO_WRITER (1u << 31)
#define NAVE_E_PAYLOAD_DATA 0x34u
#define NAVE_E_OUT_POSITION_LO 0x40u
#define NAVE_E_OUT_POSITION_HI 0x44u
#define NAVE_E_OUT_START 0x48u /* 16..0 bytes, 22..20 context */

/* Readers and writer: an address, then a count that pushes the descriptor. */
#define NAVE_E_X_ADDRESS 0x50u
#define NAVE_E_X_READ 0x54u /* 15..0 words of 64 bits, 20..16 shift */
#define NAVE_E_SKIP (1u << 21)
#define NAVE_E_H_ADDRESS 0x58u
#define NAVE_E_H_READ 0x5cu
#define NAVE_E_W_ADDRESS 0x60u
#define NAVE_E_W_WRITE 0x64u /* 19..0 words of 32 bits, 26..24 source */
#define NAVE_E_W_CONSTANT 0x68u
#define NAVE_E_OF_CONSTANT (0u << 24)
#define NAVE_E_OF_PAYLOAD (1u << 24)
#define NAVE_E_OF_UNLOAD (2u << 24)
#define NAVE_E_OF_OVERLAP (3u << 24)
#define NAVE_E_OF_CMAC (4u << 24)

#define NAVE_E_MODE 0x70u
#define NAVE_E_MODE_TRANSFORM 1u
#define NAVE_E_MODE_CMAC 2u
#define NAVE_E_MODE_MIX 3u
#define NAVE_E_STATUS 0x74u
#define NAVE_E_X_IDLE (1u << 0)
#define NAVE_E_H_IDLE (1u << 1)
#define NAVE_E_WRITER_IDLE (1u << 2)
#define NAVE_E_PORT_IDLE (1u << 3)
#define NAVE_E_OP_IDLE (1u << 4)
#define NAVE_E_MIXER_IDLE (1u << 5)
#define NAVE_E_OUT_IDLE (1u << 6)

/* The CPU's port to the RAM. */
#define NAVE_E_C_ADDRESS 0x80u
#define NAVE_E_C_READ 0x84u
#define NAVE_E_C_DATA 0x88u
#define NAVE_E_C_WRITE 0x8cu
#define NAVE_E_C_PUSH 0x90u
#define NAVE_E_C_FILTER 0x94u
#define NAVE_E_STEP0 0x98u
#define NAVE_E_STEP1 0x9cu
#define NAVE_E_PHASE 0xe0u /* + 4 * tier */
#define NAVE_E_PHASE_VALID (1u << 31)

/* Operations. */
#define NAVE_E_OP 0xa0u /* bit 0 inverse, 7..4 log2 n, 27..16 exponent */
#define NAVE_E_OP_FORWARD 0u
#define NAVE_E_OP_INVERSE 1u
#define NAVE_E_RESULT 0xa4u /* 15..0 exponent */
#define NAVE_E_RESULT_ZERO (1u << 31)
#define NAVE_E_JOB0 0xa8u /* 7..0 bins, bit 8 first, 15..12 batch */
#define NAVE_E_JOB1 0xacu /* 11..0 partitions, 27..16 paths */
#define NAVE_E_TILE0 0xb4u
#define NAVE_E_TILE1 0xb8u
#define NAVE_E_MIX_WET 0xc0u
#define NAVE_E_MIX_DRY 0xc4u
#define NAVE_E_MIX_RUN 0xc8u /* 15..0 frames */
#define NAVE_E_MIX_Q44 (1u << 16)
#define NAVE_E_MIX_HAS_DRY (1u << 17)
#define NAVE_E_MIX_FIRST (1u << 18)

#define NAVE_E_CONTEXT_REG 0x100u /* + 32 * context + 4 * index */

/* What the card is made of. */
#define NAVE_E_RAM_BYTES 0x300u
#define NAVE_E_LOG2_MAX_PARTITION 0x304u
#define NAVE_E_LANES 0x308u
#define NAVE_E_LOG2_PLAN_WORDS 0x30cu
#define NAVE_E_MOST_BATCH 0x310u

#endif
