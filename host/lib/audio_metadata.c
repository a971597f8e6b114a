/* What a file says about itself, carried from the input to the output as far as the output's container can hold it.
 * SPDX-License-Identifier: ISC */
#include "audio_file.h"
#include <sndfile.h>
#include <stddef.h>
#include <stdlib.h>

#define MAX_CUES 2500
#define MAX_HISTORY_BYTES 15000

static void copy_strings(SNDFILE *from, SNDFILE *to)
{
    for (int id = SF_STR_FIRST; id <= SF_STR_LAST; id++) {
        const char *text = sf_get_string(from, id);
        if (text && id != SF_STR_SOFTWARE)
            sf_set_string(to, id, text);
    }
    sf_set_string(to, SF_STR_SOFTWARE, "nave");
}

static void copy_broadcast(SNDFILE *from, SNDFILE *to)
{
    typedef SF_BROADCAST_INFO_VAR(MAX_HISTORY_BYTES) broadcast_info;
    broadcast_info *info = calloc(1, sizeof *info);
    if (info && sf_command(from, SFC_GET_BROADCAST_INFO, info, (int)sizeof *info) == SF_TRUE &&
        info->coding_history_size <= sizeof info->coding_history)
        /* Refused unless its size is that of its history. */
        sf_command(to, SFC_SET_BROADCAST_INFO, info,
                   (int)(offsetof(broadcast_info, coding_history) + info->coding_history_size));
    free(info);
}

static void copy_cues(SNDFILE *from, SNDFILE *to)
{
    typedef SF_CUES_VAR(MAX_CUES) many_cues;
    uint32_t count = 0;
    if (sf_command(from, SFC_GET_CUE_COUNT, &count, sizeof count) != SF_TRUE || count == 0 || count > MAX_CUES)
        return;
    many_cues *cues = calloc(1, sizeof *cues);
    if (cues && sf_command(from, SFC_GET_CUE, cues, (int)sizeof *cues) == SF_TRUE && cues->cue_count <= MAX_CUES)
        sf_command(to, SFC_SET_CUE, cues, (int)sizeof *cues);
    free(cues);
}

static void copy_instrument(SNDFILE *from, SNDFILE *to)
{
    SF_INSTRUMENT instrument = {0};
    if (sf_command(from, SFC_GET_INSTRUMENT, &instrument, sizeof instrument) == SF_TRUE && instrument.loop_count <= 16)
        sf_command(to, SFC_SET_INSTRUMENT, &instrument, sizeof instrument);
}

void nave_audio_copy_metadata(SNDFILE *from, SNDFILE *to)
{
    copy_strings(from, to);
    copy_broadcast(from, to);
    copy_cues(from, to);
    copy_instrument(from, to);
}
