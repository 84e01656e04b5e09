/*
 * Thrift's compact protocol, as far as Parquet's headers and footers are made of it
 * (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_THRIFT_H
#define LTTNGA_THRIFT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum thrift_type {
	THRIFT_TRUE = 1,
	THRIFT_FALSE = 2,
	THRIFT_I32 = 5,
	THRIFT_I64 = 6,
	THRIFT_BINARY = 8,
	THRIFT_LIST = 9,
	THRIFT_STRUCT = 12,
};

/* Structures within structures: no deeper than this. */
#define THRIFT_DEPTH 8

struct thrift {
	GByteArray *to;
	int last[THRIFT_DEPTH]; /* the number of the last field, of each structure that is open */
	unsigned int depth;
};

static inline void thrift_varint(GByteArray *to, uint64_t value)
{
	uint8_t bytes[10];
	guint n = 0;

	do {
		bytes[n++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		value >>= 7;
	} while (value > 0);
	g_byte_array_append(to, bytes, n);
}

/* Small numbers of either sign become small ones without a sign. */
static inline uint64_t thrift_zigzag(int64_t value)
{
	return ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
}

/* A structure begins, also one that is an item of a list; a field before it says so. */
static inline void thrift_begin(struct thrift *thrift)
{
	g_assert(thrift->depth < THRIFT_DEPTH);
	thrift->last[thrift->depth++] = 0;
}

static inline void thrift_end(struct thrift *thrift)
{
	const uint8_t stop = 0;

	thrift->depth--;
	g_byte_array_append(thrift->to, &stop, 1);
}

static inline void thrift_field(struct thrift *thrift, int number, enum thrift_type type)
{
	int *last = &thrift->last[thrift->depth - 1], step = number - *last;
	uint8_t head = (uint8_t)(step << 4 | (int)type);

	/* All our fields are within 15 of the one before. */
	g_assert(step > 0 && step <= 15);
	g_byte_array_append(thrift->to, &head, 1);
	*last = number;
}

static inline void thrift_i32(struct thrift *thrift, int number, int32_t value)
{
	thrift_field(thrift, number, THRIFT_I32);
	thrift_varint(thrift->to, thrift_zigzag(value));
}

static inline void thrift_i64(struct thrift *thrift, int number, int64_t value)
{
	thrift_field(thrift, number, THRIFT_I64);
	thrift_varint(thrift->to, thrift_zigzag(value));
}

static inline void thrift_bool(struct thrift *thrift, int number, bool value)
{
	thrift_field(thrift, number, value ? THRIFT_TRUE : THRIFT_FALSE);
}

/* Bytes as an item of a list; with a field before them, as that field. */
static inline void thrift_bytes(struct thrift *thrift, const void *bytes, size_t n)
{
	thrift_varint(thrift->to, n);
	g_byte_array_append(thrift->to, bytes, (guint)n);
}

static inline void thrift_binary(struct thrift *thrift, int number, const void *bytes, size_t n)
{
	thrift_field(thrift, number, THRIFT_BINARY);
	thrift_bytes(thrift, bytes, n);
}

static inline void thrift_text(struct thrift *thrift, int number, const char *text)
{
	thrift_binary(thrift, number, text, strlen(text));
}

static inline void thrift_struct(struct thrift *thrift, int number)
{
	thrift_field(thrift, number, THRIFT_STRUCT);
	thrift_begin(thrift);
}

/* A structure without fields. */
static inline void thrift_empty(struct thrift *thrift, int number)
{
	thrift_struct(thrift, number);
	thrift_end(thrift);
}

/* A list begins; its `n` items follow. */
static inline void thrift_list(struct thrift *thrift, int number, enum thrift_type type, size_t n)
{
	uint8_t head = (uint8_t)(MIN(n, 15) << 4 | (size_t)type);

	thrift_field(thrift, number, THRIFT_LIST);
	g_byte_array_append(thrift->to, &head, 1);
	if (n >= 15)
		thrift_varint(thrift->to, n);
}

#endif
