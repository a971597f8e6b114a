/* A chain's text being read, shared by chain_parse.c (lines and sections) and chain_settings.c (settings).
 * SPDX-License-Identifier: ISC */
#ifndef NAVE_LIB_CHAIN_PARSE_H
#define NAVE_LIB_CHAIN_PARSE_H
#include "chain.h"

#define NAVE_PARSER_MAX_SEEN 512

typedef struct nave_chain_parser {
    nave_chain *c;
    nave_text *why;
    const char *line; /* its start */
    const char *end;  /* without comment and blanks */
    int number;       /* of the line, from 1 */
    nave_stage *stage;
    int part; /* of the section; -1: automation; -2: none yet */
    int sections[NAVE_PARTS];
    int automation;                    /* sections of that name */
    size_t seen[NAVE_PARSER_MAX_SEEN]; /* offsets set in this section */
    int seen_count, response_seen;
    int most_band, band_line, band_column; /* the highest band of this section, and where it is named */
} nave_chain_parser;

/* Of a place in the line, from 1, in characters. */
int nave_parser_column(const nave_chain_parser *p, const char *at);
/* NAVE_E_FORMAT, with name, line and column in front. */
int nave_parser_fail(const nave_chain_parser *p, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The setting of a key of the section that p is in; *at: its value, and behind it then. */
int nave_chain_read_setting(nave_chain_parser *p, const char *key, const char *key_end, const char **at);

static inline const char *nave_skip_blanks(const char *at, const char *end)
{
    while (at < end && nave_is_blank(*at))
        at++;
    return at;
}

static inline const char *nave_drop_blanks(const char *from, const char *at)
{
    while (at > from && nave_is_blank(at[-1]))
        at--;
    return at;
}
#endif
