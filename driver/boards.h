/* Limits of the boards that plans can be made for.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_BOARDS_H
#define NAVE_BOARDS_H
#include "../host/include/nave.h"

/* "cynthion, ulx3s, model"; static. */
const char *nave_board_names(void);
#endif
