/* Fuzzer of chain files: refused by line and column, or read; then what is written of it reads as the same.
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/chain.h"
#include "fuzz_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nave_text why = {""};
    nave_chain *a = NULL, *b = NULL;
    char *copy = malloc(size + 1);
    memcpy(copy, data, size); /* with an end that a read too far would pass */
    const int err = nave_chain_parse(&a, "chain", copy, size, &why);
    free(copy);
    if (err) {
        fuzz_sentence(err, &why);
        fuzz_claim(strncmp(why.text, "chain", 5) == 0, "the message names the file");
        return 0;
    }
    size_t bytes;
    const char *text = nave_chain_text(a, &bytes);
    fuzz_claim(nave_chain_parse(&b, "chain", text, bytes, &why) == NAVE_OK, why.text);
    fuzz_claim(strcmp(text, nave_chain_text(b, NULL)) == 0, "the same chain again");
    for (uint32_t i = 0; i < a->stages; i++) {
        nave_stage s = a->stage[i];
        nave_dyn_settings settings;
        int64_t dial[NAVE_DIALS];
        nave_lanes_apply(a, i, 48000, 1000, 0, &s);
        nave_stage_settings(&s, 48000, &settings);
        nave_dyn_dials(&settings, dial, &why);
    }
    nave_chain_free(a);
    nave_chain_free(b);
    return 0;
}
