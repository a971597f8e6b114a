/* The loop of the card's core.
 * SPDX-License-Identifier: ISC */
#include "firmware.h"

int main(void)
{
    static nave_fw state; /* in .bss: a frame of the stack is limited to 2 KiB */
    nave_fw_begin(&state);
    for (;;)
        nave_fw_command(&state);
}
