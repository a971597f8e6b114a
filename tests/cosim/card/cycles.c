/* Clocks of each tick, counted by the Verilated card (registers CONTEXT_CYCLES), beside those that `nave plan`
 * predicts. Fails where the sum or the worst tick of a case differs by more than 2 %. Cases that do not end within a
 * minute are run by `make cosim-cycles-long` only. Needs `make sim`. SPDX-License-Identifier: ISC */
#include "../../../driver/link.h"
#include "../../../driver/why.h"
#include "../../../host/lib/device.h"
#include "../../../host/lib/plan.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct run_case {
    const char *spec;
    double response_s;
    uint32_t channels, tick; /* 0: offline */
    int slow;
} run_case;

static const run_case cases[] = {{"sim:board=cynthion", 0.05, 2, 64, 0}, {"sim:board=cynthion", 0.1, 1, 256, 0},
                                 {"sim:board=cynthion", 0.3, 2, 0, 0},   {"sim:ram=port,lanes=2", 0.1, 2, 64, 1},
                                 {"sim:ram=port,lanes=2", 0.5, 2, 0, 1}, {"sim:board=cynthion", 1.0, 2, 64, 1},
                                 {"sim:board=ulx3s", 1.0, 2, 64, 1},     {"sim:ram=hyperram,lanes=2", 5.0, 2, 0, 1},
                                 {"sim:board=cynthion", 5.0, 2, 0, 1},   {"sim:board=ulx3s", 5.0, 2, 0, 1}};

static void check(int err, const char *what, const nave_text *why)
{
    if (err) {
        fprintf(stderr, "%s: %s\n", what, why->text);
        exit(1);
    }
}

static uint32_t reg(nave_device *dev, uint32_t address)
{
    uint32_t value = 0;
    nave_text why;
    check(nave_link_command(&dev->link, NAVE_FRAME_REG_READ, 0, address, NULL, 0, &value, &why), "register", &why);
    return value;
}

static nave_plan *compile(const run_case *c, const nave_device *dev)
{
    const uint64_t frames = (uint64_t)(c->response_s * 48000);
    double *h = malloc(frames * sizeof(*h));
    const double *path[1] = {h};
    uint32_t s = 1;
    for (uint64_t i = 0; i < frames; i++) {
        s = s * 1664525 + 1013904223;
        h[i] = ((int32_t)s * 0x1p-31) * exp(-6.0 * (double)i / (double)frames);
    }
    nave_ir_settings is;
    nave_ir_settings_default(&is);
    is.rate_hz = 48000;
    nave_ir *ir;
    nave_text why;
    check(nave_ir_create(&ir, path, frames, NULL, NULL, 1, &is, &why), "response", &why);
    nave_plan_settings ps;
    nave_plan_settings_default(&ps);
    ps.mode = c->tick ? NAVE_LIVE : NAVE_OFFLINE;
    ps.tick_frames = c->tick;
    ps.channels = c->channels;
    nave_plan *plan;
    check(nave_plan_compile(&plan, ir, &ps, &dev->info.limits, &why), "plan", &why);
    nave_ir_free(ir);
    free(h);
    return plan;
}

static void load(nave_device *dev, const nave_plan *plan)
{
    nave_text why;
    const uint32_t format = NAVE_FORMAT_Q44;
    for (size_t at = 0; at < plan->image_bytes; at += NAVE_MAX_PAYLOAD_BYTES) {
        const size_t left = plan->image_bytes - at;
        check(nave_link_command(&dev->link, NAVE_FRAME_RAM_WRITE, 0, plan->image_base + at,
                                (const uint8_t *)plan->image + at,
                                (uint32_t)(left < NAVE_MAX_PAYLOAD_BYTES ? left : NAVE_MAX_PAYLOAD_BYTES), NULL, &why),
              "spectra", &why);
    }
    check(nave_link_command(&dev->link, NAVE_FRAME_PLAN_LOAD, 0, 0, plan->words, (uint32_t)(4 * plan->word_count), NULL,
                            &why),
          "PLAN_LOAD", &why);
    check(nave_link_command(&dev->link, NAVE_FRAME_START, 0, 0, &format, 4, NULL, &why), "START", &why);
}

/* One tick of noise. */
static void play(nave_device *dev, const nave_plan *plan, uint64_t tick, uint32_t *state)
{
    const uint32_t most = NAVE_MAX_PAYLOAD_BYTES / 4 / plan->card.inputs;
    for (uint32_t done = 0; done < plan->card.tick_frames;) {
        const uint32_t left = plan->card.tick_frames - done, n = left < most ? left : most;
        int32_t *word = nave_link_payload(&dev->link);
        for (uint32_t i = 0; i < n * plan->card.inputs; i++) {
            *state = *state * 1664525 + 1013904223;
            word[i] = (int32_t)*state >> 4;
        }
        check(nave_link_send(&dev->link, NAVE_FRAME_AUDIO_IN, 0, tick * plan->card.tick_frames + done,
                             4 * n * plan->card.inputs),
              "audio", &dev->link.reason);
        done += n;
    }
}

static int run(const run_case *c)
{
    nave_device *dev;
    nave_text why;
    check(nave_open(&dev, c->spec, &why), c->spec, &why);
    nave_plan *plan = compile(c, dev);
    load(dev, plan);
    const nave_card_plan *p = &plan->card;
    const uint64_t ticks = (uint64_t)(c->response_s * 48000) / p->tick_frames + 3;
    uint32_t before = 0, state = 7;
    uint64_t sum = 0, predicted = 0, worst = 0, predicted_worst = 0, off = 0;
    double largest = 0;
    for (uint64_t t = 0; t < ticks; t++) {
        play(dev, plan, t, &state);
        const uint32_t now = reg(dev, NAVE_REG_CONTEXT_BASE + NAVE_REG_CONTEXT_CYCLES);
        const uint64_t counted = now - before, expected = nave_plan_tick_cycles(p, &dev->info.limits, t);
        before = now;
        sum += counted;
        predicted += expected;
        worst = counted > worst ? counted : worst;
        predicted_worst = expected > predicted_worst ? expected : predicted_worst;
        const double d = fabs((double)counted / (double)expected - 1);
        if (d > largest) {
            largest = d;
            off = t;
        }
        if (getenv("NAVE_VERBOSE"))
            printf("  tick %llu: %llu counted, %llu predicted\n", (unsigned long long)t, (unsigned long long)counted,
                   (unsigned long long)expected);
    }
    const double whole = (double)sum / (double)predicted - 1, at_worst = (double)worst / (double)predicted_worst - 1;
    const double budget = 120e6 * p->tick_frames / 48000;
    const int good = fabs(whole) <= 0.02 && fabs(at_worst) <= 0.02;
    printf(
        "%s %s, %.1f s, %u channels, tick %u: %llu ticks, %.0f clocks each (%+.1f %%), worst %llu (%+.1f %%), that is "
        "%.0f %% of its time; furthest off: tick %llu by %.1f %%\n",
        good ? "    " : "FAIL", c->spec, c->response_s, c->channels, p->tick_frames, (unsigned long long)ticks,
        (double)sum / (double)ticks, 100 * whole, (unsigned long long)worst, 100 * at_worst,
        100 * (double)worst / budget, (unsigned long long)off, 100 * largest);
    fflush(stdout);
    if (reg(dev, NAVE_REG_CONTEXT_BASE + NAVE_REG_CONTEXT_CYCLES_WORST) != worst) {
        printf("FAIL CONTEXT_CYCLES_WORST is not the largest step of CONTEXT_CYCLES\n");
        exit(1);
    }
    nave_plan_free(plan);
    nave_close(dev);
    return good;
}

int main(int argc, char **argv)
{
    const int all = argc > 1 && strcmp(argv[1], "--all") == 0;
    int passed = 0, failed = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (all || !cases[i].slow)
            *(run(&cases[i]) ? &passed : &failed) += 1;
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
