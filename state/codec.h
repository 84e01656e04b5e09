/*
 * A codec: values written one after the other, to be read back in the same order. One function
 * describes a structure for both ways, so that what is read is what was written. What is read may
 * be anything: each value is checked, and after the first one that makes no sense all are 0. What
 * is written stays as it is, even if that fails.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CODEC_H
#define LTTNGA_CODEC_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct codec {
	GByteArray *out;         /* what is written; NULL when reading */
	const uint8_t *at, *end; /* what is left to be read */
	int64_t base;            /* the time that others are near, ns */
	const char *failed;      /* why what is read makes no sense: a constant text, or NULL */
};

/* A codec that is written to `out`, which stays the caller's. */
struct codec codec_writer(GByteArray *out, int64_t base);

/* A codec that is read from bytes, which stay the caller's. */
struct codec codec_reader(const void *bytes, size_t n, int64_t base);

static inline bool codec_reads(const struct codec *codec)
{
	return codec->out == NULL;
}

/* What is read makes no sense; the first reason stays. Returns false. */
bool codec_fail(struct codec *codec, const char *why);

/* The following write a value, or replace it by what is read. Integers take as many bytes as needed. */
void codec_u64(struct codec *codec, uint64_t *value);
void codec_u32(struct codec *codec, uint32_t *value);
void codec_u16(struct codec *codec, uint16_t *value);
void codec_u8(struct codec *codec, uint8_t *value);
void codec_bool(struct codec *codec, bool *value);
void codec_i64(struct codec *codec, int64_t *value); /* VALUE_ABSENT takes one byte */
/* One that is added to: nothing is near 2^63, nor below its negative. */
void codec_amount(struct codec *codec, int64_t *value);
void codec_i32(struct codec *codec, int32_t *value);

/* A time in ns: any value, but those near the base, 0, and the first and the last are short. */
void codec_time(struct codec *codec, int64_t *value);

/* A text or NULL; what is read is new and the caller's. The old pointer is overwritten. */
void codec_text(struct codec *codec, char **text);

/*
 * How many items follow, of which each takes a byte at least: what is read is not more than there
 * can be, nor than `max`.
 */
uint32_t codec_count(struct codec *codec, uint32_t count, uint32_t max);

/* A number of which there are `n`, from 0; what is read is below that, or 0 if it makes no sense. */
void codec_index(struct codec *codec, uint32_t *value, uint32_t n);

/* Checks, when reading, that all has been read. */
void codec_end(struct codec *codec);

#endif
