/* Limits of the boards: from their data sheets, not from a measurement; the page is driver/README.md.
 * SPDX-License-Identifier: ISC */
#include "boards.h"
#include <string.h>

static const nave_card_limits board[] = {
    /* 8 MiB HyperRAM at 120 MHz in 256-byte bursts, 384 KiB of it the card's own; bulk USB in and out together */
    {"cynthion", 7808u << 10, 120000000u, 1, 8192, 209000000u, 40000000u, 8, 4096},
    /* 32 MiB x16 SDRAM, 768 KiB of it the card's own; rtl/mem/README.md has its rate */
    {"ulx3s", (32u << 20) - (768u << 10), 120000000u, 2, 8192, 231000000u, 40000000u, 8, 4096},
    /* a process: only address space is reserved */
    {"model", 4088ull << 20, 0, 0, 8192, 0, 0, 8, 16384},
};

int nave_board_limits(const char *name, nave_card_limits *out)
{
    if (!name || !out)
        return NAVE_E_ARG;
    for (size_t i = 0; i < sizeof(board) / sizeof(board[0]); i++)
        if (strcmp(board[i].board, name) == 0) {
            *out = board[i];
            return NAVE_OK;
        }
    return NAVE_E_ARG;
}

const char *nave_board_names(void)
{
    return "cynthion, ulx3s, model";
}
