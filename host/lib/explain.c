/* Errors of the host library: a code and one sentence that names the fault and its fix.
 * SPDX-License-Identifier: ISC */
#include "explain.h"
#include <stdarg.h>
#include <stdio.h>

int nave_explain(nave_text *why, int err, const char *format, ...)
{
    if (why) {
        va_list args;
        va_start(args, format);
        vsnprintf(why->text, sizeof why->text, format, args);
        va_end(args);
    }
    return err;
}
