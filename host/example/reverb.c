/* One second of noise through a response: cc reverb.c $(pkg-config --cflags --libs nave)
 * SPDX-License-Identifier: ISC */
#include <nave.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    static float left[48000], right[48000], wet_left[48000], wet_right[48000];
    const void *in[] = {left, right};
    void *out[] = {wet_left, wet_right};
    nave_text why = {""};
    nave_device *dev = NULL;
    nave_ir *ir = NULL;
    nave_plan *plan = NULL;
    nave_stream *stream = NULL;
    nave_device_info info;
    nave_ir_settings room;
    nave_plan_settings live;
    nave_ir_settings_default(&room);
    nave_plan_settings_default(&live);
    room.rate_hz = 48000;
    live.mode = NAVE_LIVE;
    live.tick_frames = 64;
    live.channels = 2;
    for (int i = 0; i < 48000; i++)
        left[i] = right[i] = (float)rand() / RAND_MAX - 0.5f;
    if (argc < 2 || nave_open(&dev, NULL, &why) || nave_device_get_info(dev, &info) ||
        nave_ir_load(&ir, argv[1], &room, &why) || nave_plan_compile(&plan, ir, &live, &info.limits, &why) ||
        nave_stream_open(&stream, dev, plan, NULL, &why) || nave_stream_process(stream, in, out, 48000))
        fprintf(stderr, "reverb: %s\n", argc < 2 ? "name a response" : why.text);
    else
        printf("last frame: %f %f\n", wet_left[47999], wet_right[47999]);
    const int failed = stream == NULL;
    nave_stream_close(stream);
    nave_plan_free(plan);
    nave_ir_free(ir);
    nave_close(dev);
    return failed;
}
