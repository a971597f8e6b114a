# Start of the firmware: stack, .bss to zero, main. Nothing else is initialised: .rodata comes with the data memory.
# SPDX-License-Identifier: ISC
    .section .start, "ax"
    .globl _start
_start:
    lui sp, %hi(__stack_top)
    addi sp, sp, %lo(__stack_top)
    lui a0, %hi(__bss_begin)
    addi a0, a0, %lo(__bss_begin)
    lui a1, %hi(__bss_end)
    addi a1, a1, %lo(__bss_end)
    bgeu a0, a1, 2f
1:
    sw zero, 0(a0)
    addi a0, a0, 4
    bltu a0, a1, 1b
2:
    jal main
3:
    j 3b
