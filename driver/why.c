/* Errors: names and sentences.
 * SPDX-License-Identifier: ISC */
#include "why.h"
#include <stdarg.h>
#include <stdio.h>

int nave_fail(nave_text *why, int err, const char *format, ...)
{
    if (why) {
        va_list args;
        va_start(args, format);
        vsnprintf(why->text, sizeof(why->text), format, args);
        va_end(args);
        /* a file's name or content may be quoted: nothing of it may reach a terminal as a command */
        for (char *c = why->text; *c; c++)
            if ((unsigned char)*c < ' ' || *c == 0x7f)
                *c = '?';
    }
    return err;
}

const char *nave_strerror(int err)
{
    switch (err) {
    case NAVE_OK:
        return "no error";
    case NAVE_E_ARG:
        return "bad argument";
    case NAVE_E_NOMEM:
        return "out of memory";
    case NAVE_E_IO:
        return "file error";
    case NAVE_E_FORMAT:
        return "bad file content";
    case NAVE_E_RATE:
        return "sample rates differ";
    case NAVE_E_CHANNELS:
        return "channel counts differ";
    case NAVE_E_FIT:
        return "plan does not fit the card";
    case NAVE_E_DEVICE:
        return "no such device";
    case NAVE_E_PROTOCOL:
        return "protocol error";
    case NAVE_E_VERSION:
        return "versions differ";
    case NAVE_E_BUSY:
        return "device is busy";
    case NAVE_E_LOST:
        return "card was lost";
    case NAVE_E_AGAIN:
        return "nothing to do now";
    case NAVE_E_TIMEOUT:
        return "card did not answer in time";
    case NAVE_E_MISMATCH:
        return "verification found a difference";
    case NAVE_E_STATE:
        return "call does not fit the state";
    case NAVE_E_CANCELLED:
        return "cancelled";
    default:
        return "unknown error";
    }
}
