// libzita-convolver as the benchmark measures it: from samples in memory to samples in memory.
//
//   peer_zita QUANTUM IN.f32 RESPONSE.f32 OUT.f32|-
//
// Its own defaults for a live host: partitions from the quantum to 8192, density 0.5, measured FFTW plans and vector
// mode (both the fastest that it has), synchronous so that each block is whole. Prints the CPU seconds of all its
// threads. SPDX-License-Identifier: ISC
#include <zita-convolver.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <vector>

namespace
{
constexpr unsigned channels = 2;

double cpu_s()
{
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

[[noreturn]] void quit(const char *what)
{
    fprintf(stderr, "peer_zita: %s\n", what);
    exit(1);
}

std::vector<float> read_planar(const char *path)
{
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file)
        quit(path);
    std::vector<float> samples(static_cast<size_t>(file.tellg()) / sizeof(float));
    file.seekg(0);
    file.read(reinterpret_cast<char *>(samples.data()), static_cast<std::streamsize>(samples.size() * sizeof(float)));
    if (!file)
        quit(path);
    return samples;
}
} // namespace

int main(int argc, char **argv)
{
    if (argc != 5)
        quit("usage: peer_zita QUANTUM IN.f32 RESPONSE.f32 OUT.f32|-");
    const unsigned quantum = static_cast<unsigned>(atoi(argv[1]));
    const double begin = cpu_s();
    std::vector<float> response = read_planar(argv[3]);
    const unsigned length = static_cast<unsigned>(response.size() / channels);
    Convproc convolver;
    convolver.set_options(Convproc::OPT_FFTW_MEASURE | Convproc::OPT_VECTOR_MODE);
    if (convolver.configure(channels, channels, length, quantum, quantum, Convproc::MAXPART, 0.5f))
        quit("configure refused");
    for (unsigned c = 0; c < channels; c++)
        if (convolver.impdata_create(c, c, 1, response.data() + c * length, 0, static_cast<int>(length)))
            quit("the response was refused");
    if (convolver.start_process(0, 0))
        quit("can't start");
    const double ready = cpu_s();
    const std::vector<float> in = read_planar(argv[2]);
    const size_t frames = in.size() / channels;
    std::vector<float> out(in.size(), 1.0f);
    int flags = 0;
    const double start = cpu_s();
    for (size_t n = 0; n < frames; n += quantum) {
        const size_t run = std::min<size_t>(quantum, frames - n);
        for (unsigned c = 0; c < channels; c++) {
            memcpy(convolver.inpdata(c), &in[c * frames + n], run * sizeof(float));
            std::fill(convolver.inpdata(c) + run, convolver.inpdata(c) + quantum, 0.0f);
        }
        flags |= convolver.process(true);
        for (unsigned c = 0; c < channels; c++)
            memcpy(&out[c * frames + n], convolver.outdata(c), run * sizeof(float));
    }
    const double end = cpu_s();
    printf("cpu %.6f ready %.6f latency 0 flags %d\n", end - start, ready - begin, flags);
    convolver.stop_process();
    convolver.cleanup();
    if (strcmp(argv[4], "-")) {
        std::ofstream file(argv[4], std::ios::binary);
        file.write(reinterpret_cast<const char *>(out.data()),
                   static_cast<std::streamsize>(out.size() * sizeof(float)));
        if (!file)
            quit(argv[4]);
    }
    return 0;
}
