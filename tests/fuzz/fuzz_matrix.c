/* Fuzzer of matrix files.
 * SPDX-License-Identifier: ISC */
#include "fuzz_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file("matrix.txt");
    nave_ir *ir = NULL;
    nave_ir_settings s;
    nave_text why = {""};
    nave_ir_settings_default(&s);
    fuzz_claim(bytes_write(data, size, path) == 0, "a file can be written");
    const int err = nave_ir_load(&ir, path, &s, &why);
    if (err) {
        fuzz_sentence(err, &why);
        fuzz_claim(ir == NULL, "no response after an error");
        return 0;
    }
    nave_ir_info info;
    nave_ir_get_info(ir, &info);
    fuzz_claim(info.paths >= 1 && info.paths <= 256 && info.inputs <= 16 && info.outputs <= 16 && info.frames >= 1,
               "sizes are in range");
    nave_ir_free(ir);
    return 0;
}
