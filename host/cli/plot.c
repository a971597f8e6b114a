/* Draws a render with cairo: input, output and the output's spectrogram on one time axis.
 * SPDX-License-Identifier: ISC */
#include <cairo.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "plot.h"

enum {
    WIDTH = 1600,
    HEIGHT = 1100,
    LEFT = 84,
    PLOT_WIDTH = 1400,
    WAVE_HEIGHT = 210,
    INPUT_TOP = 104,
    OUTPUT_TOP = 362,
    SPECTRUM_TOP = 620,
    SPECTRUM_HEIGHT = 420,
    LANE_GAP = 18,
    GAINS_TOP = 1118, /* below the spectrogram, where there are gains */
    GAINS_HEIGHT = 190,
    HEIGHT_WITH_GAINS = 1360
};

#define RANGE_DB 100.0

typedef struct colour {
    double r, g, b;
} colour;

static const colour ink = {0.13, 0.15, 0.18}, faint = {0.42, 0.45, 0.50}, grid = {0.86, 0.88, 0.90},
                    peak_colour = {0.60, 0.76, 0.90}, rms_colour = {0.11, 0.36, 0.60};

/* From silence to full scale, brightness rising all the way so that it also reads in grey. */
static const colour heat[] = {{0.02, 0.02, 0.06}, {0.12, 0.06, 0.30}, {0.34, 0.08, 0.44}, {0.60, 0.15, 0.40},
                              {0.84, 0.29, 0.25}, {0.96, 0.53, 0.13}, {0.98, 0.80, 0.30}, {1.00, 0.99, 0.86}};

static void set_colour(cairo_t *c, colour k)
{
    cairo_set_source_rgb(c, k.r, k.g, k.b);
}

static colour heat_at(double position)
{
    const int last = (int)(sizeof heat / sizeof *heat) - 1;
    double x = position <= 0 ? 0 : position >= 1 ? last : position * last;
    int i = (int)x < last ? (int)x : last - 1;
    double t = x - i;
    return (colour){heat[i].r + t * (heat[i + 1].r - heat[i].r), heat[i].g + t * (heat[i + 1].g - heat[i].g),
                    heat[i].b + t * (heat[i + 1].b - heat[i].b)};
}

/* align: 0 left, 0.5 centre, 1 right; y is the middle of the digits. */
static void put_text(cairo_t *c, double x, double y, double align, double size, const char *text)
{
    cairo_text_extents_t e;
    cairo_set_font_size(c, size);
    cairo_text_extents(c, text, &e);
    cairo_move_to(c, floor(x - align * e.x_advance + 0.5), floor(y + 0.36 * size + 0.5));
    cairo_show_text(c, text);
}

/* cairo stops drawing at text that is not UTF-8; a name that is too long is cut in front, where it tells least. */
static void clean_name(char *out, size_t size, const char *path, int most)
{
    const unsigned char *p = (const unsigned char *)nave_cli_basename(path);
    size_t at = 0;
    int length = 0;
    for (const unsigned char *q = p; *q; q++)
        length += (*q & 0xc0) != 0x80;
    if (length > most) {
        for (int skip = length - most; skip > 0 && *p; p++)
            skip -= (p[1] & 0xc0) != 0x80;
        at = (size_t)snprintf(out, size, "...");
    }
    while (*p && at + 5 < size) {
        int n = nave_cli_utf8_length(p);
        if (n == 0 || *p < 0x20) {
            out[at++] = '?';
            p++;
            continue;
        }
        memcpy(out + at, p, (size_t)n);
        at += (size_t)n;
        p += n;
    }
    out[at] = 0;
}

static double time_step(double duration_s)
{
    static const double steps[] = {1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, .01, .02, .05, .1,  .2,   .5,   1,
                                   2,    5,    10,   15,   30,   60,   120, 300, 600, 900, 1800, 3600, 7200};
    size_t n = sizeof steps / sizeof *steps;
    for (size_t i = 0; i < n; i++)
        if (duration_s / steps[i] <= 12)
            return steps[i];
    return steps[n - 1] * ceil(duration_s / steps[n - 1] / 12);
}

static void time_label(char *buf, size_t size, double t, double step, double duration_s)
{
    if (duration_s >= 3600)
        snprintf(buf, size, "%d:%02d:%02d", (int)(t / 3600), (int)(t / 60) % 60, (int)t % 60);
    else if (duration_s >= 60)
        snprintf(buf, size, "%d:%02d", (int)(t / 60), (int)t % 60);
    else if (step < 1e-2)
        snprintf(buf, size, "%.*f ms", step < 1e-3 ? 1 : 0, t * 1e3);
    else
        snprintf(buf, size, "%.*f s", step < 0.1 ? 2 : step < 1 ? 1 : 0, t);
}

static void draw_time_axis(cairo_t *c, double duration_s, int top, int height, int labels)
{
    double step = time_step(duration_s);
    char text[32];
    for (int i = 0; i * step <= duration_s * (1 + 1e-9); i++) {
        double x = floor(LEFT + i * step / duration_s * PLOT_WIDTH) + 0.5;
        set_colour(c, labels ? faint : grid);
        cairo_move_to(c, x, labels ? top + height : top);
        cairo_line_to(c, x, labels ? top + height + 5 : top + height);
        cairo_stroke(c);
        if (labels) {
            time_label(text, sizeof text, i * step, step, duration_s);
            set_colour(c, ink);
            put_text(c, x, top + height + 17, 0.5, 13, text);
        }
    }
}

static void draw_level_line(cairo_t *c, double y, const char *label)
{
    set_colour(c, grid);
    cairo_move_to(c, LEFT, floor(y) + 0.5);
    cairo_line_to(c, LEFT + PLOT_WIDTH, floor(y) + 0.5);
    cairo_stroke(c);
    set_colour(c, faint);
    if (label)
        put_text(c, LEFT - 8, y, 1, 11, label);
}

static void draw_envelope(cairo_t *c, const nave_plot_wave *w, uint32_t lane, double middle, double half, double scale)
{
    set_colour(c, peak_colour);
    for (int i = 0; i < w->columns; i++) {
        if (w->low[lane][i] > w->high[lane][i])
            continue;
        double high = half * fmin(w->high[lane][i] / scale, 1), low = half * fmax(w->low[lane][i] / scale, -1);
        /* A line of one pixel at least, so that silence is seen to be there. */
        double thickness = fmax(high - low, 1);
        cairo_rectangle(c, LEFT + i, middle - (high + low) / 2 - thickness / 2, 1, thickness);
    }
    cairo_fill(c);
    set_colour(c, rms_colour);
    for (int i = 0; i < w->columns; i++) {
        if (w->low[lane][i] > w->high[lane][i])
            continue;
        double rms = fmax(half * fmin(sqrt(w->square[lane][i]) / scale, 1), 0.5);
        cairo_rectangle(c, LEFT + i, middle - rms, 1, 2 * rms);
    }
    cairo_fill(c);
}

static void draw_legend(cairo_t *c, double right, double y)
{
    set_colour(c, rms_colour);
    cairo_rectangle(c, right - 38, y - 5, 10, 10);
    cairo_fill(c);
    set_colour(c, peak_colour);
    cairo_rectangle(c, right - 92, y - 5, 10, 10);
    cairo_fill(c);
    set_colour(c, ink);
    put_text(c, right - 24, y, 0, 12, "RMS");
    put_text(c, right - 78, y, 0, 12, "peak");
}

static void draw_wave(cairo_t *c, const nave_plot_wave *w, double duration_s, int top, const char *title,
                      const char *name)
{
    char text[400], level[32];
    /* The scale ends at the multiple of 6 dB above the peak. */
    double top_db = w->peak > 0 ? 6 * ceil(20 * log10(w->peak) / 6 - 1e-3) : 0;
    top_db = top_db < -96 ? -96 : top_db;
    double scale = pow(10, top_db / 20);
    int lane_height = (WAVE_HEIGHT - (int)(w->lanes - 1) * LANE_GAP) / (int)w->lanes;
    snprintf(text, sizeof text, "%s: %s", title, name);
    set_colour(c, ink);
    cairo_select_font_face(c, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    put_text(c, LEFT, top - 15, 0, 14, text);
    cairo_select_font_face(c, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    snprintf(text, sizeof text, "peak %s dBFS", nave_cli_decibels(level, 20 * log10(w->peak)));
    put_text(c, LEFT + PLOT_WIDTH - 124, top - 15, 1, 12, text);
    draw_legend(c, LEFT + PLOT_WIDTH - 12, top - 15);
    for (uint32_t l = 0; l < w->lanes; l++) {
        int lane_top = top + (int)l * (lane_height + LANE_GAP);
        double half = lane_height / 2.0, middle = lane_top + half;
        cairo_set_source_rgb(c, 1, 1, 1);
        cairo_rectangle(c, LEFT, lane_top, PLOT_WIDTH, lane_height);
        cairo_fill(c);
        draw_time_axis(c, duration_s, lane_top, lane_height, 0);
        for (int step = 0; step < 3; step++) {
            double offset = half * pow(10, -6.0 * step / 20);
            snprintf(text, sizeof text, "%d", (int)top_db - 6 * step);
            draw_level_line(c, middle - offset, step < 2 || half > 60 ? text : NULL);
            draw_level_line(c, middle + offset, step < 2 || half > 60 ? text : NULL);
        }
        draw_level_line(c, middle, "-inf");
        draw_envelope(c, w, l, middle, half, scale);
        if (w->lanes > 1) {
            set_colour(c, ink);
            put_text(c, LEFT + PLOT_WIDTH + 10, middle, 0, 12, l == 0 ? "left" : "right");
        } else if (w->channels > 1) {
            snprintf(text, sizeof text, "%u channels", w->channels);
            set_colour(c, ink);
            put_text(c, LEFT + PLOT_WIDTH + 10, middle, 0, 12, text);
        }
    }
    cairo_save(c);
    cairo_translate(c, 24, top + WAVE_HEIGHT / 2.0);
    cairo_rotate(c, -M_PI / 2);
    set_colour(c, faint);
    put_text(c, 0, 0, 0.5, 12, "dBFS");
    cairo_restore(c);
}

static double spectrum_top_db(const nave_plot_spectrum *s)
{
    double most = 0;
    size_t n = (size_t)s->columns * (size_t)s->rows;
    for (size_t i = 0; i < n; i++)
        most = s->power[i] > most ? s->power[i] : most;
    if (most <= 0)
        return 0;
    double db = 10 * ceil(log10(most));
    return db < -200 ? -200 : db;
}

static int draw_spectrum_image(cairo_t *c, const nave_plot_spectrum *s, double top_db)
{
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, s->columns, s->rows);
    if (cairo_surface_status(image)) {
        cairo_surface_destroy(image);
        return NAVE_E_NOMEM;
    }
    unsigned char *data = cairo_image_surface_get_data(image);
    int stride = cairo_image_surface_get_stride(image);
    for (int y = 0; y < s->rows; y++) {
        for (int x = 0; x < s->columns; x++) {
            double power = s->power[(size_t)x * (size_t)s->rows + (size_t)(s->rows - 1 - y)];
            double db = power > 0 ? 10 * log10(power) : -1000;
            colour k = heat_at((db - top_db) / RANGE_DB + 1);
            uint32_t pixel =
                (uint32_t)lrint(k.r * 255) << 16 | (uint32_t)lrint(k.g * 255) << 8 | (uint32_t)lrint(k.b * 255);
            memcpy(data + (size_t)y * (size_t)stride + 4 * (size_t)x, &pixel, sizeof pixel);
        }
    }
    cairo_surface_mark_dirty(image);
    cairo_set_source_surface(c, image, LEFT, SPECTRUM_TOP);
    cairo_paint(c);
    cairo_surface_destroy(image);
    return NAVE_OK;
}

static void draw_frequency_label(cairo_t *c, const nave_plot_spectrum *s, double hz)
{
    char text[32];
    if (hz < s->low_hz || hz > s->high_hz)
        return;
    double position =
        s->linear ? (hz - s->low_hz) / (s->high_hz - s->low_hz) : log(hz / s->low_hz) / log(s->high_hz / s->low_hz);
    double y = floor(SPECTRUM_TOP + SPECTRUM_HEIGHT * (1 - position)) + 0.5;
    if (hz >= 1000)
        snprintf(text, sizeof text, "%g k", hz / 1000);
    else
        snprintf(text, sizeof text, "%g", hz);
    set_colour(c, faint);
    cairo_move_to(c, LEFT - 5, y);
    cairo_line_to(c, LEFT, y);
    cairo_stroke(c);
    put_text(c, LEFT - 9, y, 1, 12, text);
}

static void draw_frequency_axis(cairo_t *c, const nave_plot_spectrum *s)
{
    if (s->linear) {
        double step = s->high_hz > 60000 ? 10000 : s->high_hz > 30000 ? 5000 : s->high_hz > 12000 ? 2000 : 500;
        for (int i = 0; i * step <= s->high_hz; i++)
            draw_frequency_label(c, s, i * step);
    } else {
        static const double marks[] = {20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 20e3, 50e3, 100e3};
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
            draw_frequency_label(c, s, marks[i]);
    }
    cairo_save(c);
    cairo_translate(c, 24, SPECTRUM_TOP + SPECTRUM_HEIGHT / 2.0);
    cairo_rotate(c, -M_PI / 2);
    put_text(c, 0, 0, 0.5, 12, "Hz");
    cairo_restore(c);
}

static void draw_colour_bar(cairo_t *c, double top_db)
{
    const int x = LEFT + PLOT_WIDTH + 24, width = 18;
    char text[32];
    for (int y = 0; y < SPECTRUM_HEIGHT; y++) {
        set_colour(c, heat_at(1 - (y + 0.5) / SPECTRUM_HEIGHT));
        cairo_rectangle(c, x, SPECTRUM_TOP + y, width, 1);
        cairo_fill(c);
    }
    for (int db = 0; db <= (int)RANGE_DB; db += 20) {
        double y = floor(SPECTRUM_TOP + db / RANGE_DB * SPECTRUM_HEIGHT) + 0.5;
        set_colour(c, faint);
        cairo_move_to(c, x + width, y);
        cairo_line_to(c, x + width + 5, y);
        cairo_stroke(c);
        set_colour(c, ink);
        snprintf(text, sizeof text, "%.0f", top_db - db);
        put_text(c, x + width + 9, y, 0, 12, text);
    }
    put_text(c, x, SPECTRUM_TOP - 15, 0, 12, "dBFS");
}

static void draw_titles(cairo_t *c, const nave_plot_wave *out, const char *input, const char *response)
{
    char text[600], duration[32];
    set_colour(c, ink);
    cairo_select_font_face(c, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    snprintf(text, sizeof text, "%s through %s", input, response);
    put_text(c, LEFT, 32, 0, 20, text);
    snprintf(text, sizeof text, "Spectrogram of the output");
    put_text(c, LEFT, SPECTRUM_TOP - 15, 0, 14, text);
    cairo_select_font_face(c, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    set_colour(c, faint);
    double duration_s = (double)out->frames / out->rate_hz;
    if (duration_s >= 60)
        time_label(duration, sizeof duration, duration_s, 1, duration_s);
    else
        snprintf(duration, sizeof duration, "%.*f %s", duration_s < 1 ? 1 : 2,
                 duration_s < 1 ? 1e3 * duration_s : duration_s, duration_s < 1 ? "ms" : "s");
    snprintf(text, sizeof text, "%g kHz, %u channel%s, %s, rendered by nave %s", out->rate_hz / 1e3, out->channels,
             out->channels == 1 ? "" : "s", duration, nave_version());
    put_text(c, LEFT, 58, 0, 13, text);
}

/* ---- gains of a chain ---- */

/* From the lowest band, red, to the highest, blue; of about one brightness on white. */
static const colour band_colours[] = {{0.80, 0.15, 0.15}, {0.88, 0.45, 0.05}, {0.62, 0.55, 0.00}, {0.20, 0.58, 0.18},
                                      {0.00, 0.58, 0.58}, {0.10, 0.42, 0.82}, {0.42, 0.25, 0.80}, {0.72, 0.18, 0.62}};

static double gain_range(const nave_plot_gains *g, double *top_db)
{
    double low = -3, high = 0;
    for (int k = 0; k < NAVE_PLOT_GAIN_CURVES; k++)
        for (int i = 0; i < NAVE_PLOT_GAIN_COLUMNS; i++) {
            const double v = g->lowest_db[k][i];
            if (v >= 1000)
                continue;
            low = v < low ? v : low;
            high = v > high ? v : high;
        }
    *top_db = 3 * fmax(0, ceil(high / 3 - 1e-6));
    low = low < -48 ? -48 : low;
    return *top_db - 3 * floor(low / 3 + 1e-6);
}

static void draw_gain_curve(cairo_t *c, const nave_plot_gains *g, int k, colour how, double column_s, double duration_s,
                            double top_db, double range_db)
{
    int drawing = 0;
    set_colour(c, how);
    for (int i = 0; i < NAVE_PLOT_GAIN_COLUMNS; i++) {
        const double x = LEFT + (i + 0.5) * column_s / duration_s * PLOT_WIDTH;
        if (g->lowest_db[k][i] >= 1000 || x > LEFT + PLOT_WIDTH) {
            drawing = 0;
            continue;
        }
        const double y = GAINS_TOP + fmin((top_db - g->lowest_db[k][i]) / range_db, 1) * GAINS_HEIGHT;
        if (drawing)
            cairo_line_to(c, x, y);
        else
            cairo_move_to(c, x, y);
        drawing = 1;
    }
    cairo_stroke(c);
}

static void draw_gains(cairo_t *c, const nave_plot_gains *g, uint32_t rate_hz, double duration_s)
{
    double top_db, range_db = gain_range(g, &top_db), column_s = (double)g->frames_a_column / rate_hz;
    char text[48];
    set_colour(c, ink);
    cairo_select_font_face(c, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    put_text(c, LEFT, GAINS_TOP - 15, 0, 14, "Gain of each band, lowest over time");
    cairo_select_font_face(c, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_source_rgb(c, 1, 1, 1);
    cairo_rectangle(c, LEFT, GAINS_TOP, PLOT_WIDTH, GAINS_HEIGHT);
    cairo_fill(c);
    draw_time_axis(c, duration_s, GAINS_TOP, GAINS_HEIGHT, 0);
    const double step = range_db > 24 ? 6 : range_db > 9 ? 3 : 1;
    for (double db = top_db; db >= top_db - range_db - 1e-6; db -= step) {
        snprintf(text, sizeof text, "%.0f", db + 0.0);
        draw_level_line(c, GAINS_TOP + (top_db - db) / range_db * GAINS_HEIGHT, text);
    }
    cairo_set_line_width(c, 1.4);
    for (uint32_t b = 0; b <= g->bands; b++) {
        const int limiter = b == g->bands, k = limiter ? NAVE_PLOT_GAIN_CURVES - 1 : (int)b;
        const colour how = limiter ? ink : band_colours[b % 8];
        const double y = GAINS_TOP + 8 + 18 * b;
        draw_gain_curve(c, g, k, how, column_s, duration_s, top_db, range_db);
        snprintf(text, sizeof text, limiter ? "limiter" : "band %u", b + 1);
        set_colour(c, how);
        put_text(c, LEFT + PLOT_WIDTH + 12, y, 0, 12, text);
    }
    cairo_set_line_width(c, 1);
    draw_time_axis(c, duration_s, GAINS_TOP, GAINS_HEIGHT, 1);
    cairo_save(c);
    cairo_translate(c, 24, GAINS_TOP + GAINS_HEIGHT / 2.0);
    cairo_rotate(c, -M_PI / 2);
    set_colour(c, faint);
    put_text(c, 0, 0, 0.5, 12, "dB");
    cairo_restore(c);
}

static cairo_status_t write_bytes(void *user, const unsigned char *data, unsigned length)
{
    return fwrite(data, 1, length, user) == length ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

/* Under another name first, so that a plot is either whole or not there. */
static int save_png(cairo_surface_t *surface, const char *path, nave_text *why)
{
    char temporary[4200];
    int length = snprintf(temporary, sizeof temporary, "%s.%ld.part", path, (long)getpid());
    if (length >= (int)sizeof temporary) {
        snprintf(why->text, sizeof why->text, "the name of the plot is too long: choose a shorter one.");
        return NAVE_E_ARG;
    }
    FILE *f = fopen(temporary, "wbx");
    if (!f) {
        snprintf(why->text, sizeof why->text, "%.200s can't be written: %s.", path, strerror(errno));
        return NAVE_E_IO;
    }
    cairo_status_t status = cairo_surface_write_to_png_stream(surface, write_bytes, f);
    int failed = fclose(f) != 0;
    if (status || failed || rename(temporary, path)) {
        int number = errno;
        unlink(temporary);
        snprintf(why->text, sizeof why->text, "%.200s can't be written: %s.", path,
                 number ? strerror(number) : cairo_status_to_string(status));
        return NAVE_E_IO;
    }
    return NAVE_OK;
}

static int draw_all(const nave_plot_settings *p, const nave_plot_wave *in, const nave_plot_wave *out,
                    const nave_plot_spectrum *s, double duration_s, nave_text *why)
{
    char input[256], output[256], response[256];
    clean_name(input, sizeof input, p->input_path, 48);
    clean_name(output, sizeof output, p->output_path, 80);
    clean_name(response, sizeof response, p->response_path, 48);
    const int has_gains = p->gains && p->gains->any;
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, has_gains ? HEIGHT_WITH_GAINS : HEIGHT);
    cairo_t *c = cairo_create(surface);
    cairo_set_source_rgb(c, 0.965, 0.97, 0.975);
    cairo_paint(c);
    cairo_set_line_width(c, 1);
    draw_titles(c, out, input, response);
    draw_wave(c, in, duration_s, INPUT_TOP, "Input", input);
    draw_wave(c, out, duration_s, OUTPUT_TOP, "Output", output);
    double top_db = spectrum_top_db(s);
    int err = draw_spectrum_image(c, s, top_db);
    draw_frequency_axis(c, s);
    draw_colour_bar(c, top_db);
    draw_time_axis(c, duration_s, SPECTRUM_TOP, SPECTRUM_HEIGHT, 1);
    if (has_gains)
        draw_gains(c, p->gains, out->rate_hz, duration_s);
    if (!err && cairo_status(c))
        err = NAVE_E_NOMEM;
    if (err)
        snprintf(why->text, sizeof why->text, "the plot can't be drawn: %s.", cairo_status_to_string(cairo_status(c)));
    else
        err = save_png(surface, p->png_path, why);
    cairo_destroy(c);
    cairo_surface_destroy(surface);
    return err;
}

int nave_plot_render(const nave_plot_settings *p, nave_text *why)
{
    nave_plot_wave in = {0}, out = {0};
    nave_plot_spectrum s = {.columns = PLOT_WIDTH, .rows = SPECTRUM_HEIGHT, .linear = p->linear_frequency};
    uint64_t in_frames, out_frames;
    uint32_t in_rate, out_rate;
    int err = nave_plot_probe(p->input_path, &in_frames, &in_rate, why);
    if (!err)
        err = nave_plot_probe(p->output_path, &out_frames, &out_rate, why);
    if (err)
        return err;
    double duration_s = fmax((double)in_frames / in_rate, (double)out_frames / out_rate);
    if (!(duration_s > 0)) {
        snprintf(why->text, sizeof why->text, "there is nothing to plot: input and output are empty.");
        return NAVE_E_ARG;
    }
    err = nave_plot_read(p->input_path, duration_s, PLOT_WIDTH, &in, NULL, why);
    if (!err)
        err = nave_plot_read(p->output_path, duration_s, PLOT_WIDTH, &out, &s, why);
    if (!err)
        err = draw_all(p, &in, &out, &s, duration_s, why);
    nave_plot_wave_free(&in);
    nave_plot_wave_free(&out);
    nave_plot_spectrum_free(&s);
    return err;
}
