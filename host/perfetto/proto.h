/*
 * Writing protobuf: varints, fixed 64 bits, bytes, and messages in messages. What is written is appended
 * to a buffer; the length of a message is put in front of it when it ends.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PROTO_H
#define LTTNGA_PROTO_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A buffer that grows; all 0 in the beginning. Free its data with g_free(). */
struct proto {
	uint8_t *data;
	size_t n;    /* bytes written */
	size_t room; /* bytes that there is memory for */
};

enum { PROTO_VARINT = 0, PROTO_FIXED64 = 1, PROTO_BYTES = 2 };

/* The most bytes that a number takes. */
#define PROTO_VARINT_MAX 10

/* Makes room for `n` more bytes; returns where they go. */
static inline uint8_t *proto_room(struct proto *proto, size_t n)
{
	if (proto->room - proto->n < n) {
		proto->room = MAX(2 * proto->room, proto->n + n + 256);
		proto->data = g_realloc(proto->data, proto->room);
	}
	return &proto->data[proto->n];
}

/* Writes a number at a place with room for it; returns the place behind it. */
static inline uint8_t *proto_put(uint8_t *at, uint64_t value)
{
	for (; value > 127; value >>= 7)
		*at++ = (uint8_t)(value | 128);
	*at++ = (uint8_t)value;
	return at;
}

/* A number by itself. */
static inline void proto_number(struct proto *proto, uint64_t value)
{
	uint8_t *at = proto_room(proto, PROTO_VARINT_MAX);

	proto->n = (size_t)(proto_put(at, value) - proto->data);
}

/* A field that is a number; of negative ones the 64 bits. */
static inline void proto_int(struct proto *proto, unsigned int field, int64_t value)
{
	uint8_t *at = proto_room(proto, (size_t)2 * PROTO_VARINT_MAX);

	at = proto_put(at, field << 3 | PROTO_VARINT);
	proto->n = (size_t)(proto_put(at, (uint64_t)value) - proto->data);
}

/* A field of 64 bits, the lowest first. */
static inline void proto_fixed64(struct proto *proto, unsigned int field, uint64_t value)
{
	uint8_t *at = proto_room(proto, PROTO_VARINT_MAX + sizeof(value));

	at = proto_put(at, field << 3 | PROTO_FIXED64);
	for (unsigned int i = 0; i < sizeof(value); i++)
		*at++ = (uint8_t)(value >> 8 * i);
	proto->n = (size_t)(at - proto->data);
}

static inline void proto_bytes(
	struct proto *proto, unsigned int field, const void *bytes, size_t length)
{
	uint8_t *at = proto_room(proto, (size_t)2 * PROTO_VARINT_MAX + length);

	at = proto_put(at, field << 3 | PROTO_BYTES);
	at = proto_put(at, length);
	if (length > 0)
		memcpy(at, bytes, length);
	proto->n = (size_t)(at - proto->data) + length;
}

static inline void proto_text(struct proto *proto, unsigned int field, const char *text)
{
	proto_bytes(proto, field, text, strlen(text));
}

/* Begins a message in a field; returns what proto_end() takes. */
static inline size_t proto_begin(struct proto *proto, unsigned int field)
{
	uint8_t *at = proto_room(proto, (size_t)2 * PROTO_VARINT_MAX);

	at = proto_put(at, field << 3 | PROTO_BYTES);
	/* As a rule the length takes one byte. */
	proto->n = (size_t)(at - proto->data) + 1;
	return proto->n;
}

/* Ends the message that began there. */
static inline void proto_end(struct proto *proto, size_t begin)
{
	uint8_t length[PROTO_VARINT_MAX];
	size_t more = (size_t)(proto_put(length, proto->n - begin) - length) - 1;

	if (more > 0) {
		proto_room(proto, more);
		memmove(&proto->data[begin + more], &proto->data[begin], proto->n - begin);
		proto->n += more;
	}
	memcpy(&proto->data[begin - 1], length, more + 1);
}

#endif
