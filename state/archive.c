/*
 * Archives: values as bytes, and back.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/archive.h"

#include "state/record.h"

#include <string.h>

/* Codes of archive_time(): what is above is a distance from the base. */
enum { TIME_FIRST, TIME_LAST, TIME_ZERO, TIME_RAW, TIME_NEAR };

struct archive archive_writer(GByteArray *out, int64_t base)
{
	return (struct archive){.out = out, .base = base};
}

struct archive archive_reader(const void *bytes, size_t n, int64_t base)
{
	return (struct archive){
		.at = bytes, .end = (const uint8_t *)bytes + n, .base = base, .failed = NULL};
}

bool archive_fail(struct archive *archive, const char *why)
{
	if (!archive->failed)
		archive->failed = why;
	archive->at = archive->end;
	return false;
}

static void put(struct archive *archive, uint64_t value)
{
	uint8_t bytes[10];
	guint n = 0;

	for (; value >= 0x80; value >>= 7)
		bytes[n++] = (uint8_t)(value | 0x80);
	bytes[n++] = (uint8_t)value;
	g_byte_array_append(archive->out, bytes, n);
}

static uint64_t get(struct archive *archive)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 64; shift += 7) {
		uint8_t byte;

		if (archive->at == archive->end)
			break;
		byte = *archive->at++;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return value;
	}
	archive_fail(archive, "a number has no end");
	return 0;
}

void archive_u64(struct archive *archive, uint64_t *value)
{
	if (archive->out)
		put(archive, *value);
	else
		*value = get(archive);
}

/* A number up to `max`. */
static uint64_t up_to(struct archive *archive, uint64_t value, uint64_t max)
{
	archive_u64(archive, &value);
	if (value <= max)
		return value;
	archive_fail(archive, "a number is too large");
	return 0;
}

void archive_u32(struct archive *archive, uint32_t *value)
{
	*value = (uint32_t)up_to(archive, *value, UINT32_MAX);
}

void archive_u16(struct archive *archive, uint16_t *value)
{
	*value = (uint16_t)up_to(archive, *value, UINT16_MAX);
}

void archive_u8(struct archive *archive, uint8_t *value)
{
	*value = (uint8_t)up_to(archive, *value, UINT8_MAX);
}

void archive_bool(struct archive *archive, bool *value)
{
	*value = up_to(archive, *value, 1) != 0;
}

void archive_i64(struct archive *archive, int64_t *value)
{
	/* The least of all, VALUE_ABSENT, has the largest code; it becomes 0. */
	if (archive->out)
		put(archive, fold_sign(*value) + 1);
	else
		*value = unfold_sign(get(archive) - 1);
	if (archive->failed)
		*value = 0;
}

void archive_i32(struct archive *archive, int32_t *value)
{
	int64_t wide = *value;

	archive_i64(archive, &wide);
	if (wide < INT32_MIN || wide > INT32_MAX) {
		archive_fail(archive, "a number is too large");
		wide = 0;
	}
	*value = (int32_t)wide;
}

void archive_time(struct archive *archive, int64_t *value)
{
	uint64_t code, near = fold_sign((int64_t)((uint64_t)*value - (uint64_t)archive->base));

	if (archive->out) {
		code = *value == INT64_MIN              ? TIME_FIRST
		       : *value == INT64_MAX            ? TIME_LAST
		       : *value == 0                    ? TIME_ZERO
		       : near <= UINT64_MAX - TIME_NEAR ? TIME_NEAR + near
							: TIME_RAW;
		put(archive, code);
		if (code == TIME_RAW)
			archive_i64(archive, value);
		return;
	}
	code = get(archive);
	*value = 0;
	if (archive->failed)
		return;
	if (code == TIME_FIRST)
		*value = INT64_MIN;
	else if (code == TIME_LAST)
		*value = INT64_MAX;
	else if (code == TIME_RAW)
		archive_i64(archive, value);
	else if (code >= TIME_NEAR)
		*value = (int64_t)((uint64_t)archive->base +
				   (uint64_t)unfold_sign(code - TIME_NEAR));
}

void archive_text(struct archive *archive, char **text)
{
	uint64_t length = archive->out && *text ? strlen(*text) + 1 : 0;

	archive_u64(archive, &length);
	if (archive->out) {
		if (*text)
			g_byte_array_append(
				archive->out, (const uint8_t *)*text, (guint)(length - 1));
		return;
	}
	*text = NULL;
	if (length == 0)
		return;
	if (length - 1 > (uint64_t)(archive->end - archive->at)) {
		archive_fail(archive, "a text has no end");
		return;
	}
	/* What was written had no NUL in it. */
	if (memchr(archive->at, '\0', length - 1)) {
		archive_fail(archive, "a text has a NUL");
		return;
	}
	*text = g_strndup((const char *)archive->at, length - 1);
	archive->at += length - 1;
}

uint32_t archive_count(struct archive *archive, uint32_t count, uint32_t max)
{
	archive_u32(archive, &count);
	if (archive->out)
		return count;
	if (count > max || count > (uint64_t)(archive->end - archive->at)) {
		archive_fail(archive, "there are more items than there can be");
		return 0;
	}
	return count;
}

void archive_index(struct archive *archive, uint32_t *value, uint32_t n)
{
	archive_u32(archive, value);
	if (*value >= n && archive_reads(archive)) {
		archive_fail(archive, "a number stands for nothing");
		*value = 0;
	}
}

void archive_end(struct archive *archive)
{
	if (archive_reads(archive) && archive->at != archive->end)
		archive_fail(archive, "there is more than was expected");
}
