/*
 * Values of rows in as few bytes as they take, for rows that wait until they are written.
 *
 * A number of up to 56 bits takes as many bytes as it has groups of 7 bits, which are (9 bits + 64) / 64.
 * The lowest bit of the first byte that is 1 tells how many: that many bits, up to there, are not the
 * number's. Larger ones are in 8 bytes behind one that is 0.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PACKED_H
#define LTTNGA_PACKED_H

#include "state/record.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

/* Bytes that packing a number touches, and those that it takes at most. */
#define PACKED_MAX 9

/* Packs a number; returns where that ends. */
static inline char *pack(char *to, uint64_t number)
{
	unsigned int bits = 64 - (unsigned int)__builtin_clzll(number | 1),
		     n = (bits * 9 + 64) / 64;
	uint64_t word;

	if (bits > 56) {
		*to++ = 0;
		word = GUINT64_TO_LE(number);
		n = sizeof(word);
	} else {
		word = GUINT64_TO_LE((number << 1 | 1) << (n - 1));
	}
	memcpy(to, &word, sizeof(word));
	return to + n;
}

/* Reads a packed number; returns where it ends. PACKED_MAX bytes from `at` on can be read. */
static inline const char *unpack(const char *at, uint64_t *number)
{
	unsigned int first = (unsigned char)*at, n;
	uint64_t word;

	if (first == 0) {
		memcpy(&word, at + 1, sizeof(word));
		*number = GUINT64_FROM_LE(word);
		return at + 1 + sizeof(word);
	}
	n = (unsigned int)__builtin_ctz(first) + 1;
	memcpy(&word, at, sizeof(word));
	*number = GUINT64_FROM_LE(word) >> n & ((UINT64_C(1) << 7 * n) - 1);
	return at + n;
}

/*
 * A number that may be absent is packed as its distance from a base, since times are near the key of the
 * row: as one more than what that is with its sign at the lowest bit. What is absent is 0; the one
 * distance that would be 0, too, is packed as the one that is left over, since nothing that is there is
 * VALUE_ABSENT.
 */
static inline char *pack_number(char *to, int64_t number, uint64_t base)
{
	uint64_t distance = (uint64_t)number - base;

	if (number == VALUE_ABSENT)
		return pack(to, 0);
	if (distance == (uint64_t)VALUE_ABSENT)
		distance = (uint64_t)VALUE_ABSENT - base;
	return pack(to, fold_sign((int64_t)distance) + 1);
}

/* The number that is there, and was packed as this. */
static inline int64_t packed_number(uint64_t packed, uint64_t base)
{
	uint64_t number = (uint64_t)unfold_sign(packed - 1) + base;

	return (int64_t)(number == (uint64_t)VALUE_ABSENT ? number + base : number);
}

/* Copies bytes; returns where they end. */
static inline char *put_bytes(char *to, const char *bytes, size_t length)
{
	memcpy(to, bytes, length);
	return to + length;
}

#endif
