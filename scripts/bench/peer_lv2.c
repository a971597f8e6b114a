/* An LV2 plugin as the benchmark measures it: stereo float32 samples in memory to samples in memory.
 *
 *   peer_lv2 URI BLOCK IN.f32 OUT.f32|- [SYMBOL=VALUE ...]
 *
 * The files are planar stereo at 48 kHz. The plugin runs over IN once to warm up when OUT is "-". Control ports have
 * the plugin's defaults but for those that are given. Work that a plugin hands to a worker thread is done at once.
 * Prints the CPU seconds of the run and the latency that the plugin reports. SPDX-License-Identifier: ISC */
#include <lilv/lilv.h>
#include <lv2/atom/atom.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/options/options.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHANNELS = 2, RATE_HZ = 48000, MAX_URIDS = 4096, ATOM_BYTES = 1 << 16 };

static void quit(const char *what, const char *which)
{
    fprintf(stderr, "peer_lv2: %s%s\n", what, which);
    exit(1);
}

/* ---- what plugins ask a host for ---- */
typedef struct uris {
    char *uri[MAX_URIDS];
    uint32_t count;
} uris;

static LV2_URID map_uri(LV2_URID_Map_Handle handle, const char *uri)
{
    uris *u = handle;
    for (uint32_t i = 0; i < u->count; i++)
        if (!strcmp(u->uri[i], uri))
            return i + 1;
    if (u->count == MAX_URIDS)
        return 0;
    u->uri[u->count] = strdup(uri);
    return ++u->count;
}

static const char *unmap_uri(LV2_URID_Unmap_Handle handle, LV2_URID urid)
{
    const uris *u = handle;
    return urid >= 1 && urid <= u->count ? u->uri[urid - 1] : NULL;
}

typedef struct worker {
    LV2_Handle plugin;
    const LV2_Worker_Interface *interface;
} worker;

static LV2_Worker_Status respond(LV2_Worker_Respond_Handle handle, uint32_t size, const void *data)
{
    const worker *w = handle;
    return w->interface->work_response ? w->interface->work_response(w->plugin, size, data) : LV2_WORKER_SUCCESS;
}

static LV2_Worker_Status schedule(LV2_Worker_Schedule_Handle handle, uint32_t size, const void *data)
{
    worker *w = handle;
    return w->interface ? w->interface->work(w->plugin, respond, w, size, data) : LV2_WORKER_ERR_UNKNOWN;
}

/* ---- ports ---- */
typedef struct ports {
    uint32_t count, in[CHANNELS], out[CHANNELS], ins, outs;
    float *control;
    LV2_Atom_Sequence **atom; /* NULL: no event port */
    uint32_t *is_atom_input;
} ports;

static int is(const LilvPlugin *p, const LilvPort *port, const LilvNode *class)
{
    return lilv_port_is_a(p, port, class);
}

static ports find_ports(LilvWorld *world, const LilvPlugin *p)
{
    LilvNode *audio = lilv_new_uri(world, LILV_URI_AUDIO_PORT), *input = lilv_new_uri(world, LILV_URI_INPUT_PORT),
             *atom = lilv_new_uri(world, LILV_URI_ATOM_PORT);
    ports a = {.count = lilv_plugin_get_num_ports(p)};
    float *defaults = calloc(a.count, sizeof(float));
    a.atom = calloc(a.count, sizeof(*a.atom));
    a.is_atom_input = calloc(a.count, sizeof(*a.is_atom_input));
    if (!defaults || !a.atom || !a.is_atom_input)
        quit("out of memory", "");
    lilv_plugin_get_port_ranges_float(p, NULL, NULL, defaults);
    a.control = defaults;
    for (uint32_t i = 0; i < a.count; i++) {
        const LilvPort *port = lilv_plugin_get_port_by_index(p, i);
        const int in = is(p, port, input);
        if (isnan(defaults[i]))
            defaults[i] = 0;
        if (is(p, port, audio)) {
            if (in ? a.ins == CHANNELS : a.outs == CHANNELS)
                quit("the plugin has more than two channels", "");
            if (in)
                a.in[a.ins++] = i;
            else
                a.out[a.outs++] = i;
        } else if (is(p, port, atom)) {
            if (!(a.atom[i] = calloc(1, ATOM_BYTES)))
                quit("out of memory", "");
            a.is_atom_input[i] = (uint32_t)in;
        }
    }
    if (a.ins != CHANNELS || a.outs != CHANNELS)
        quit("the plugin is not stereo", "");
    lilv_node_free(audio);
    lilv_node_free(input);
    lilv_node_free(atom);
    return a;
}

static void set_control(LilvWorld *world, const LilvPlugin *p, ports *a, const char *setting)
{
    char symbol[64];
    const char *equal = strchr(setting, '=');
    char *end;
    if (!equal || (size_t)(equal - setting) >= sizeof(symbol))
        quit("not SYMBOL=VALUE: ", setting);
    memcpy(symbol, setting, (size_t)(equal - setting));
    symbol[equal - setting] = 0;
    LilvNode *name = lilv_new_string(world, symbol);
    const LilvPort *port = lilv_plugin_get_port_by_symbol(p, name);
    lilv_node_free(name);
    if (!port)
        quit("the plugin has no port ", symbol);
    a->control[lilv_port_get_index(p, port)] = strtof(equal + 1, &end);
    if (end == equal + 1 || *end)
        quit("no number: ", setting);
}

static void connect_ports(LilvInstance *instance, const ports *a)
{
    for (uint32_t i = 0; i < a->count; i++)
        lilv_instance_connect_port(instance, i, a->atom[i] ? (void *)a->atom[i] : (void *)&a->control[i]);
}

/* ---- the run ---- */
static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void run(LilvInstance *instance, const ports *a, LV2_URID sequence, float *in, float *out, size_t frames,
                size_t block)
{
    for (size_t n = 0; n < frames; n += block) {
        const size_t now = frames - n < block ? frames - n : block;
        for (uint32_t c = 0; c < CHANNELS; c++) {
            lilv_instance_connect_port(instance, a->in[c], in + c * frames + n);
            lilv_instance_connect_port(instance, a->out[c], out + c * frames + n);
        }
        for (uint32_t i = 0; i < a->count; i++)
            if (a->atom[i]) {
                a->atom[i]->atom.type = a->is_atom_input[i] ? sequence : 0;
                a->atom[i]->atom.size = a->is_atom_input[i] ? sizeof(LV2_Atom_Sequence_Body) : ATOM_BYTES - 64;
                a->atom[i]->body = (LV2_Atom_Sequence_Body){0, 0};
            }
        lilv_instance_run(instance, (uint32_t)now);
    }
}

static float *read_planar(const char *path, size_t *frames)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END))
        quit("can't be read: ", path);
    const size_t bytes = (size_t)ftell(f);
    float *samples = malloc(bytes);
    rewind(f);
    if (!samples || fread(samples, 1, bytes, f) != bytes)
        quit("can't be read: ", path);
    fclose(f);
    *frames = bytes / sizeof(float) / CHANNELS;
    return samples;
}

static double latency_of(const LilvPlugin *p, const ports *a)
{
    return lilv_plugin_has_latency(p) ? (double)a->control[lilv_plugin_get_latency_port_index(p)] : 0;
}

int main(int argc, char **argv)
{
    if (argc < 5 || atoi(argv[2]) < 1)
        quit("usage: peer_lv2 URI BLOCK IN.f32 OUT.f32|- [SYMBOL=VALUE ...]", "");
    const int32_t block = atoi(argv[2]);
    uris u = {.count = 0};
    worker w = {NULL, NULL};
    LV2_URID_Map map = {&u, map_uri};
    LV2_URID_Unmap unmap = {&u, unmap_uri};
    LV2_Worker_Schedule work = {&w, schedule};
    const float rate = RATE_HZ;
    const LV2_URID int_type = map_uri(&u, LV2_ATOM__Int), sequence = map_uri(&u, LV2_ATOM__Sequence);
    const LV2_Options_Option options[] = {
        {LV2_OPTIONS_INSTANCE, 0, map_uri(&u, LV2_BUF_SIZE__minBlockLength), sizeof(block), int_type, &block},
        {LV2_OPTIONS_INSTANCE, 0, map_uri(&u, LV2_BUF_SIZE__maxBlockLength), sizeof(block), int_type, &block},
        {LV2_OPTIONS_INSTANCE, 0, map_uri(&u, LV2_BUF_SIZE__nominalBlockLength), sizeof(block), int_type, &block},
        {LV2_OPTIONS_INSTANCE, 0, map_uri(&u, "http://lv2plug.in/ns/ext/parameters#sampleRate"), sizeof(rate),
         map_uri(&u, LV2_ATOM__Float), &rate},
        {LV2_OPTIONS_INSTANCE, 0, 0, 0, 0, NULL}};
    const LV2_Feature features[] = {{LV2_URID__map, &map},
                                    {LV2_URID__unmap, &unmap},
                                    {LV2_WORKER__schedule, &work},
                                    {LV2_OPTIONS__options, (void *)options},
                                    {LV2_BUF_SIZE__boundedBlockLength, NULL}};
    const LV2_Feature *const list[] = {&features[0], &features[1], &features[2], &features[3], &features[4], NULL};

    LilvWorld *world = lilv_world_new();
    lilv_world_load_all(world);
    LilvNode *uri = lilv_new_uri(world, argv[1]);
    const LilvPlugin *plugin = lilv_plugins_get_by_uri(lilv_world_get_all_plugins(world), uri);
    if (!plugin)
        quit("no such plugin, install its package (scripts/setup all): ", argv[1]);
    ports a = find_ports(world, plugin);
    for (int i = 5; i < argc; i++)
        set_control(world, plugin, &a, argv[i]);
    LilvInstance *instance = lilv_plugin_instantiate(plugin, RATE_HZ, list);
    if (!instance)
        quit("the plugin can't be made: ", argv[1]);
    w.plugin = lilv_instance_get_handle(instance);
    w.interface = lilv_instance_get_extension_data(instance, LV2_WORKER__interface);
    connect_ports(instance, &a);
    lilv_instance_activate(instance);

    size_t frames;
    float *in = read_planar(argv[3], &frames), *out = malloc(CHANNELS * frames * sizeof(*out));
    if (!out)
        quit("out of memory", "");
    memset(out, 1, CHANNELS * frames * sizeof(*out)); /* its pages are there before */
    const double start = cpu_s();
    run(instance, &a, sequence, in, out, frames, (size_t)block);
    printf("cpu %.6f latency %.0f\n", cpu_s() - start, latency_of(plugin, &a));
    if (strcmp(argv[4], "-")) {
        FILE *f = fopen(argv[4], "wb");
        if (!f || fwrite(out, sizeof(*out), CHANNELS * frames, f) != CHANNELS * frames || fclose(f))
            quit("can't be written: ", argv[4]);
    }
    lilv_instance_deactivate(instance);
    lilv_instance_free(instance);
    lilv_node_free(uri);
    lilv_world_free(world);
    for (uint32_t i = 0; i < a.count; i++)
        free(a.atom[i]);
    free(a.atom);
    free(a.is_atom_input);
    free(a.control);
    for (uint32_t i = 0; i < u.count; i++)
        free(u.uri[i]);
    free(in);
    free(out);
    return 0;
}
