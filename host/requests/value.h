/*
 * Values of events as conditions of requests compare them: integers, reals, texts, or nothing.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_VALUE_H
#define LTTNGA_VALUE_H

#include "state/hash.h"

#include <stdbool.h>
#include <stdint.h>

enum value_kind { VALUE_NONE, VALUE_INTEGER, VALUE_REAL, VALUE_TEXT };

struct value {
	enum value_kind kind;
	bool is_unsigned; /* of an integer: what is below 0 is above INT64_MAX */
	union {
		int64_t integer;
		double real;
		const char *text;
	};
};

/*
 * Puts two values in order: below 0, 0 or above 0 in `*order`. False if there is none: one is missing, or
 * one is a text and the other one a number.
 */
static inline bool value_compare(const struct value *a, const struct value *b, int *order)
{
	double x, y;

	if (a->kind == VALUE_NONE || b->kind == VALUE_NONE ||
		(a->kind == VALUE_TEXT) != (b->kind == VALUE_TEXT))
		return false;
	if (a->kind == VALUE_TEXT) {
		*order = strcmp(a->text, b->text);
		return true;
	}
	if (a->kind == VALUE_INTEGER && b->kind == VALUE_INTEGER) {
		bool above = a->is_unsigned && a->integer < 0;

		if (above != (b->is_unsigned && b->integer < 0))
			*order = above ? 1 : -1;
		else /* both above INT64_MAX are in the order of what they are as signed ones */
			*order = (a->integer > b->integer) - (a->integer < b->integer);
		return true;
	}
	x = a->kind == VALUE_REAL ? a->real : (double)a->integer;
	y = b->kind == VALUE_REAL ? b->real : (double)b->integer;
	*order = (x > y) - (x < y);
	return x == x && y == y;
}

/* The hash of what `hash` is that of, and a value. Values that are equal have the same one. */
static inline uint64_t value_hash(uint64_t hash, const struct value *value)
{
	uint64_t bits = (uint64_t)value->integer;

	if (value->kind == VALUE_TEXT)
		return hash_mix(hash, text_hash(value->text));
	if (value->kind == VALUE_REAL && value->real >= -0x1p62 && value->real <= 0x1p62 &&
		(double)(int64_t)value->real == value->real)
		bits = (uint64_t)(int64_t)value->real;
	else if (value->kind == VALUE_REAL)
		memcpy(&bits, &value->real, sizeof(bits));
	return hash_mix(hash, bits);
}

#endif
