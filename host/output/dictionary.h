/*
 * Words: texts that come again and again, as names of processes and paths do. Each one is kept once, as
 * it is written in one format, under a number.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_DICTIONARY_H
#define LTTNGA_DICTIONARY_H

#include "host/output/text_forms.h"

#include <stddef.h>
#include <stdint.h>

/* Longer texts are not kept. */
#define DICTIONARY_TEXT_MAX 256

struct dictionary;

struct word {
	const char *text; /* as it is written, with LINE_SLACK bytes behind it */
	size_t length;
	size_t columns;  /* that it takes on a terminal */
	const char *raw; /* as it came */
	size_t raw_length;
};

struct dictionary *dictionary_new(enum text_form form);
void dictionary_free(struct dictionary *dictionary);

/* The number of a text, from 1 on; 0 if it is too long to be kept, or there are too many already. */
uint32_t dictionary_find(struct dictionary *dictionary, const char *text);

/* What has this number; valid as long as nothing is added. */
const struct word *dictionary_at(const struct dictionary *dictionary, uint32_t number);

#endif
