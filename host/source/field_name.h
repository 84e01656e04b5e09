/*
 * The names by which fields are bound: "NAME" or "NAME.NAME", an element "NAME[2]", or several of
 * them as one number, "NAME[0:4]" (those before the fourth). For readers.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_FIELD_NAME_H
#define LTTNGA_FIELD_NAME_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Which elements of an array a name stands for: `n` from `first` on; -1: all of them, as bytes. */
struct elements {
	int64_t first;
	int64_t n;
};

/* A name without its brackets, and what is in them. */
struct field_name {
	const char *text;
	size_t length;
	struct elements elements;
};

/* Takes the name apart that is the first `length` characters of `text`. */
static inline struct field_name field_name_of(const char *text, size_t length)
{
	const char *bracket = memchr(text, '[', length);
	struct field_name name = {text, length, {-1, 0}};
	char *end;

	if (!bracket)
		return name;
	name.length = (size_t)(bracket - text);
	name.elements.first = g_ascii_strtoll(bracket + 1, &end, 10);
	name.elements.n = 1;
	if (*end == ':')
		name.elements.n = g_ascii_strtoll(end + 1, NULL, 10) - name.elements.first;
	return name;
}

/* Takes the first part ("a" of "a.b") off a name with several; false, if it has only one. */
static inline bool field_name_shift(struct field_name *name, struct field_name *first)
{
	const char *dot = memchr(name->text, '.', name->length);

	if (!dot)
		return false;
	*first = (struct field_name){name->text, (size_t)(dot - name->text), {-1, 0}};
	name->length -= first->length + 1;
	name->text = dot + 1;
	return true;
}

static inline bool field_name_is(const struct field_name *name, const char *text)
{
	return strlen(text) == name->length && memcmp(text, name->text, name->length) == 0;
}

/*
 * Which of the `length` elements of an array, of *bits each, become a number, and how many bits of each;
 * false if they are not all there, or more than 64 bits. The first one is in the number's highest bits.
 */
static inline bool elements_of_array(struct elements *elements, uint64_t length, uint64_t *bits)
{
	if (elements->first < 0) {
		*elements = (struct elements){0, (int64_t)MIN(length, 65)};
		*bits = 8;
	}
	return elements->n > 0 && (uint64_t)elements->n <= 64 / MAX(*bits, 1) &&
	       (uint64_t)elements->n <= length &&
	       (uint64_t)elements->first <= length - (uint64_t)elements->n;
}

/* Puts another element behind a number. */
static inline uint64_t elements_append(uint64_t sum, uint64_t value, uint64_t bits)
{
	return bits >= 64 ? value : sum << bits | (value & ((UINT64_C(1) << bits) - 1));
}

#endif
