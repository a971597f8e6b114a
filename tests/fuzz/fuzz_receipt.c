/* Fuzzer of receipts: refused by line, or read, and then written and read again as the same.
 * SPDX-License-Identifier: ISC */
#include "../../host/lib/receipt.h"
#include "fuzz_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static nave_receipt a, b;
    nave_text why = {""};
    char *copy = malloc(size + 1), *text = NULL, *again = NULL;
    size_t bytes = 0, bytes_again = 0;
    memcpy(copy, data, size); /* with an end that a read too far would pass */
    int err = nave_receipt_parse(&a, "receipt", copy, size, &why);
    free(copy);
    if (err) {
        fuzz_sentence(err, &why);
        return 0;
    }
    fuzz_claim(nave_receipt_format(&a, &text, &bytes, &why) == NAVE_OK, "what was read can be written");
    fuzz_claim(nave_receipt_parse(&b, "receipt", text, bytes, &why) == NAVE_OK, why.text);
    fuzz_claim(nave_receipt_format(&b, &again, &bytes_again, &why) == NAVE_OK, "what was read can be written");
    fuzz_claim(bytes == bytes_again && memcmp(text, again, bytes) == 0, "the same receipt again");
    free(text);
    free(again);
    return 0;
}
