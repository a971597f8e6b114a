/* One program at a time has a card: a locked file names it, and holds what `nave monitor` shows of it.
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_CARD_LOCK_H
#define NAVE_CARD_LOCK_H
#include "../host/include/nave.h"

typedef struct nave_card_lock {
    int fd;
    nave_activity *activity; /* shared: the holder writes, monitors read */
} nave_card_lock;

/* NAVE_E_BUSY names who holds it. The file stays when it is let go: removing it would race with the next taker. */
int nave_card_lock_take(nave_card_lock *lock, const char *serial, nave_text *why);
void nave_card_lock_release(nave_card_lock *lock);
/* What the holder wrote last; pid 0 when nobody holds the card. */
void nave_card_lock_look(const char *serial, nave_activity *out);
#endif
