/*
 * Fixed texts, known by their addresses: each one has a number under which something can be noted about
 * it, so that nobody has to look at the text again. No two share a place, unlike in a memo
 * (host/accumulate/memo.h): there are few, and each comes with every other event.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_ADDRESSES_H
#define LTTNGA_ADDRESSES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Numbers are below this. */
#define ADDRESSES 64

/* More than so many are not known at once. */
#define ADDRESSES_MAX 48

struct addresses {
	const char *texts[ADDRESSES]; /* each at the first free place behind its hash; or NULL */
	unsigned int n;
};

/* The number of a text that is not NULL; it can be any other's from before if it `is_new`. */
static inline unsigned int addresses_find(
	struct addresses *addresses, const char *text, bool *is_new)
{
	unsigned int at = ((uintptr_t)text * UINT64_C(0x9e3779b97f4a7c15) >> 32) % ADDRESSES;

	for (; addresses->texts[at]; at = (at + 1) % ADDRESSES) {
		if (addresses->texts[at] == text) {
			*is_new = false;
			return at;
		}
	}
	if (addresses->n++ == ADDRESSES_MAX) {
		memset(addresses->texts, 0, sizeof(addresses->texts));
		addresses->n = 1;
	}
	addresses->texts[at] = text;
	*is_new = true;
	return at;
}

#endif
