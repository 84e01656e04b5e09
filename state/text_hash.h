/*
 * A hash of texts for tables of GLib: paths are long, so it takes eight bytes at once.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_TEXT_HASH_H
#define LTTNGA_TEXT_HASH_H

#include <glib.h>
#include <stdint.h>
#include <string.h>

static inline guint text_hash(gconstpointer key)
{
	const char *text = key;
	size_t length = strlen(text);
	uint64_t hash = length, word;

	for (; length >= sizeof(word); length -= sizeof(word), text += sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	word = 0;
	while (length > 0)
		word = word << 8 | (unsigned char)text[--length];
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return (guint)(hash ^ hash >> 32);
}

#endif
