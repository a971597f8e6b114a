/* The backends that this build has.
 * SPDX-License-Identifier: ISC */
#include "card.h"

const nave_card_backend *const nave_backends[] = {&nave_backend_model, &nave_backend_sim, &nave_backend_usb, NULL};
