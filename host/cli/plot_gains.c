/* Gains of a chain's bands over time: gathered while it renders, thinned by halves when they would need more columns.
 * SPDX-License-Identifier: ISC */
#include <string.h>

#include "cli.h"

#define NOTHING 1000.0f

void nave_plot_gains_begin(nave_plot_gains *g)
{
    memset(g, 0, sizeof *g);
    g->frames_a_column = 64;
    for (int k = 0; k < NAVE_PLOT_GAIN_CURVES; k++)
        for (int i = 0; i < NAVE_PLOT_GAIN_COLUMNS; i++)
            g->lowest_db[k][i] = NOTHING;
}

static void halve(nave_plot_gains *g)
{
    g->frames_a_column *= 2;
    for (int k = 0; k < NAVE_PLOT_GAIN_CURVES; k++)
        for (int i = 0; i < NAVE_PLOT_GAIN_COLUMNS; i++) {
            const int from = 2 * i;
            float v = NOTHING;
            for (int n = from; n < from + 2 && n < NAVE_PLOT_GAIN_COLUMNS; n++)
                v = g->lowest_db[k][n] < v ? g->lowest_db[k][n] : v;
            g->lowest_db[k][i] = v;
        }
}

void nave_plot_gains_take(void *user, const nave_meters *m)
{
    nave_plot_gains *g = user;
    if (m->frames == 0)
        return;
    if (!g->any) {
        g->any = 1;
        g->stage = m->stage;
        g->bands = m->bands;
    }
    if (m->stage == g->stage)
        g->bands = m->bands > g->bands ? m->bands : g->bands;
    while ((m->first_frame + m->frames - 1) / g->frames_a_column >= NAVE_PLOT_GAIN_COLUMNS)
        halve(g);
    for (uint64_t i = m->first_frame / g->frames_a_column; i <= (m->first_frame + m->frames - 1) / g->frames_a_column;
         i++) {
        for (uint32_t b = 0; b < m->bands && m->stage == g->stage; b++)
            for (uint32_t c = 0; c < m->channels; c++)
                if (m->band_gain_db[b][c] < g->lowest_db[b][i])
                    g->lowest_db[b][i] = (float)m->band_gain_db[b][c];
        float *limiter = &g->lowest_db[NAVE_PLOT_GAIN_CURVES - 1][i];
        if (m->limiter_gain_db < *limiter)
            *limiter = (float)m->limiter_gain_db;
    }
}
