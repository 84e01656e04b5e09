/*
 * Words: texts that come again and again, as names of processes and paths do. Each one is kept once, as
 * it is shown, under a number.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_DICTIONARY_H
#define LTTNGA_DICTIONARY_H

#include <stddef.h>
#include <stdint.h>

struct dictionary;

struct word {
	const char *text; /* safe to be shown, with LINE_SLACK bytes behind it */
	size_t length;
	size_t columns; /* that it takes on a terminal */
};

struct dictionary *dictionary_new(void);
void dictionary_free(struct dictionary *words);

/* The number of a text, from 1 on; 0 if it is too long to be kept, or there are too many already. */
uint32_t dictionary_find(struct dictionary *words, const char *text);

/* What has this number; valid as long as nothing is added. */
const struct word *dictionary_at(const struct dictionary *words, uint32_t number);

#endif
