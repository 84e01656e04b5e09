/*
 * Hashes (Fibonacci hashing: multiply by 2^64 divided by the golden ratio, and fold the upper half
 * into the lower one) of numbers, pairs of numbers and texts. What comes from a trace begins with a
 * seed that each process chooses: nobody can make a trace whose keys have the same hash. So the order
 * of a table is another one each time, and nothing may depend on it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_HASH_H
#define LTTNGA_HASH_H

#include <glib.h>
#include <stdint.h>
#include <string.h>

#define HASH_FACTOR UINT64_C(0x9e3779b97f4a7c15)

/* The hash of what `hash` is that of, and one word more. The lower bits are good, too. */
static inline uint64_t hash_mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * HASH_FACTOR;
	return hash ^ hash >> 32;
}

/* What hashes of a trace's keys begin with. */
extern uint64_t hash_seed;

/* The hash of two numbers, for tables of GLib. */
static inline guint hash_pair(uint64_t a, uint64_t b)
{
	return (guint)hash_mix(hash_mix(hash_seed, a), b);
}

/* The hash of a number behind a pointer, for tables of GLib whose keys g_int64_equal() compares. */
static inline guint number_hash(gconstpointer key)
{
	return (guint)hash_mix(hash_seed, *(const uint64_t *)key);
}

/* The hash of a text, for tables of GLib: paths are long, so it takes eight bytes at once. */
static inline guint text_hash(gconstpointer key)
{
	const char *text = key;
	size_t length = strlen(text);
	uint64_t hash = hash_seed ^ length, word;

	for (; length >= sizeof(word); length -= sizeof(word), text += sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		hash = hash_mix(hash, word);
	}
	word = 0;
	while (length > 0)
		word = word << 8 | (unsigned char)text[--length];
	return (guint)hash_mix(hash, word);
}

#endif
