/*
 * Fixed texts, known by their addresses: each one has a number under which something can be noted about
 * it, so that nobody has to look at the text again. No two share a place, unlike in a cache
 * (host/accumulate/identity_cache.h): there are few, and each comes with every other event.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_FIXED_TEXTS_H
#define LTTNGA_FIXED_TEXTS_H

#include "state/hash.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Numbers are below this. */
#define FIXED_TEXTS 64

/* More than so many are not known at once. */
#define FIXED_TEXTS_MAX 48

struct fixed_texts {
	const char *texts[FIXED_TEXTS]; /* each at the first free place behind its hash; or NULL */
	unsigned int n;
};

/* The number of a text that is not NULL; it can be any other's from before if it `is_new`. */
static inline unsigned int fixed_texts_find(
	struct fixed_texts *known, const char *text, bool *is_new)
{
	unsigned int at = hash_mix(0, (uintptr_t)text) % FIXED_TEXTS;

	for (; known->texts[at]; at = (at + 1) % FIXED_TEXTS) {
		if (known->texts[at] == text) {
			*is_new = false;
			return at;
		}
	}
	if (known->n++ == FIXED_TEXTS_MAX) {
		memset(known->texts, 0, sizeof(known->texts));
		known->n = 1;
	}
	known->texts[at] = text;
	*is_new = true;
	return at;
}

#endif
