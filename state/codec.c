/*
 * A codec: values as bytes, and back.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/codec.h"

#include "state/record.h"

#include <string.h>

/* The most of anything that is counted. */
#define AMOUNT_MAX ((int64_t)1 << 61)

/* Codes of codec_time(): what is above is a distance from the base. */
enum { TIME_FIRST, TIME_LAST, TIME_ZERO, TIME_RAW, TIME_NEAR };

struct codec codec_writer(GByteArray *out, int64_t base)
{
	return (struct codec){.out = out, .base = base};
}

struct codec codec_reader(const void *bytes, size_t n, int64_t base)
{
	return (struct codec){
		.at = bytes, .end = (const uint8_t *)bytes + n, .base = base, .failed = NULL};
}

bool codec_fail(struct codec *codec, const char *why)
{
	if (!codec->failed)
		codec->failed = why;
	codec->at = codec->end;
	return false;
}

static void put(struct codec *codec, uint64_t value)
{
	uint8_t bytes[10];
	guint n = 0;

	for (; value >= 0x80; value >>= 7)
		bytes[n++] = (uint8_t)(value | 0x80);
	bytes[n++] = (uint8_t)value;
	g_byte_array_append(codec->out, bytes, n);
}

static uint64_t get(struct codec *codec)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 64; shift += 7) {
		uint8_t byte;

		if (codec->at == codec->end)
			break;
		byte = *codec->at++;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return value;
	}
	codec_fail(codec, "a number is cut short");
	return 0;
}

void codec_u64(struct codec *codec, uint64_t *value)
{
	if (codec->out)
		put(codec, *value);
	else
		*value = get(codec);
}

/* A number up to `max`. */
static uint64_t up_to(struct codec *codec, uint64_t value, uint64_t max)
{
	codec_u64(codec, &value);
	if (value <= max)
		return value;
	codec_fail(codec, "a number is too large");
	return 0;
}

void codec_u32(struct codec *codec, uint32_t *value)
{
	*value = (uint32_t)up_to(codec, *value, UINT32_MAX);
}

void codec_u16(struct codec *codec, uint16_t *value)
{
	*value = (uint16_t)up_to(codec, *value, UINT16_MAX);
}

void codec_u8(struct codec *codec, uint8_t *value)
{
	*value = (uint8_t)up_to(codec, *value, UINT8_MAX);
}

void codec_bool(struct codec *codec, bool *value)
{
	*value = up_to(codec, *value, 1) != 0;
}

void codec_i64(struct codec *codec, int64_t *value)
{
	/* The least of all, VALUE_ABSENT, has the largest code; it becomes 0. */
	if (codec->out) {
		put(codec, fold_sign(*value) + 1);
		return;
	}
	*value = unfold_sign(get(codec) - 1);
	if (codec->failed)
		*value = 0;
}

void codec_amount(struct codec *codec, int64_t *value)
{
	codec_i64(codec, value);
	if (codec_reads(codec) && (*value > AMOUNT_MAX || *value < -AMOUNT_MAX)) {
		codec_fail(codec, "a count is too large");
		*value = 0;
	}
}

void codec_i32(struct codec *codec, int32_t *value)
{
	int64_t wide = *value;

	codec_i64(codec, &wide);
	if (wide < INT32_MIN || wide > INT32_MAX) {
		codec_fail(codec, "a number is too large");
		wide = 0;
	}
	*value = (int32_t)wide;
}

void codec_time(struct codec *codec, int64_t *value)
{
	uint64_t code, near = fold_sign((int64_t)((uint64_t)*value - (uint64_t)codec->base));

	if (codec->out) {
		code = *value == INT64_MIN              ? TIME_FIRST
		       : *value == INT64_MAX            ? TIME_LAST
		       : *value == 0                    ? TIME_ZERO
		       : near <= UINT64_MAX - TIME_NEAR ? TIME_NEAR + near
							: TIME_RAW;
		put(codec, code);
		if (code == TIME_RAW)
			codec_i64(codec, value);
		return;
	}
	code = get(codec);
	*value = 0;
	if (codec->failed)
		return;
	if (code == TIME_FIRST)
		*value = INT64_MIN;
	else if (code == TIME_LAST)
		*value = INT64_MAX;
	else if (code == TIME_RAW)
		codec_i64(codec, value);
	else if (code >= TIME_NEAR)
		*value = (int64_t)((uint64_t)codec->base + (uint64_t)unfold_sign(code - TIME_NEAR));
}

void codec_text(struct codec *codec, char **text)
{
	uint64_t length = codec->out && *text ? strlen(*text) + 1 : 0;

	codec_u64(codec, &length);
	if (codec->out) {
		if (*text)
			g_byte_array_append(
				codec->out, (const uint8_t *)*text, (guint)(length - 1));
		return;
	}
	*text = NULL;
	if (length == 0)
		return;
	if (length - 1 > (uint64_t)(codec->end - codec->at)) {
		codec_fail(codec, "a string is cut short");
		return;
	}
	/* What was written had no NUL in it. */
	if (memchr(codec->at, '\0', length - 1)) {
		codec_fail(codec, "a string contains a NUL byte");
		return;
	}
	*text = g_strndup((const char *)codec->at, length - 1);
	codec->at += length - 1;
}

uint32_t codec_count(struct codec *codec, uint32_t count, uint32_t max)
{
	codec_u32(codec, &count);
	if (codec->out)
		return count;
	if (count > max || count > (uint64_t)(codec->end - codec->at)) {
		codec_fail(codec, "a list is too long");
		return 0;
	}
	return count;
}

void codec_index(struct codec *codec, uint32_t *value, uint32_t n)
{
	codec_u32(codec, value);
	if (*value >= n && codec_reads(codec)) {
		codec_fail(codec, "an index is out of range");
		*value = 0;
	}
}

void codec_end(struct codec *codec)
{
	if (codec_reads(codec) && codec->at != codec->end)
		codec_fail(codec, "there is data after the end");
}
