/* The manifest beside a board's bitstreams (bitstreams/README.md).
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_CLI_MANIFEST_H
#define NAVE_CLI_MANIFEST_H
#include "nave.h"

#define NAVE_MANIFEST_FILES 4

typedef struct nave_manifest_file {
    char name[64], part[32], sha256[65];
    uint32_t idcode;
} nave_manifest_file;

typedef struct nave_manifest {
    char folder[4096], board[32], usb_port[32], behind[256]; /* behind: "" or why it is older than rtl/ */
    uint32_t protocol, lanes, clock_hz;
    int closes; /* each clock was routed as fast as it has to run */
    uint32_t files;
    nave_manifest_file file[NAVE_MANIFEST_FILES];
} nave_manifest;

/* Reads FOLDER/BOARD/manifest.json. NAVE_OK, or a nave_error and why. */
int nave_manifest_read(nave_manifest *m, const char *folder, const char *board, nave_text *why);
/* Is the file's content that of the manifest? path holds at least 4200 bytes and is set. */
int nave_manifest_verify(const nave_manifest *m, const nave_manifest_file *f, char *path, nave_text *why);
#endif
