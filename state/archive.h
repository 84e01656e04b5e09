/*
 * An archive: values written one after the other, to be read back in the same order. One function
 * describes a structure for both ways, so that what is read is what was written. What is read may
 * be anything: each value is checked, and after the first one that makes no sense all are 0.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_ARCHIVE_H
#define LTTNGA_ARCHIVE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct archive {
	GByteArray *out;         /* what is written; NULL when reading */
	const uint8_t *at, *end; /* what is left to be read */
	int64_t base;            /* the time that others are near, ns */
	const char *failed;      /* why what is read makes no sense: a constant text, or NULL */
};

/* An archive that is written to `out`, which stays the caller's. */
struct archive archive_writer(GByteArray *out, int64_t base);

/* An archive that is read from bytes, which stay the caller's. */
struct archive archive_reader(const void *bytes, size_t n, int64_t base);

static inline bool archive_reads(const struct archive *archive)
{
	return archive->out == NULL;
}

/* What is read makes no sense; the first reason stays. Returns false. */
bool archive_fail(struct archive *archive, const char *why);

/* The following write a value, or replace it by what is read. Integers take as many bytes as needed. */
void archive_u64(struct archive *archive, uint64_t *value);
void archive_u32(struct archive *archive, uint32_t *value);
void archive_u16(struct archive *archive, uint16_t *value);
void archive_u8(struct archive *archive, uint8_t *value);
void archive_bool(struct archive *archive, bool *value);
void archive_i64(struct archive *archive, int64_t *value); /* VALUE_ABSENT takes one byte */
void archive_i32(struct archive *archive, int32_t *value);

/* A time in ns: any value, but those near the base, 0, and the first and the last are short. */
void archive_time(struct archive *archive, int64_t *value);

/* A text or NULL; what is read is new and the caller's. The old pointer is overwritten. */
void archive_text(struct archive *archive, char **text);

/*
 * How many items follow, of which each takes a byte at least: what is read is not more than there
 * can be, nor than `max`.
 */
uint32_t archive_count(struct archive *archive, uint32_t count, uint32_t max);

/* A number of which there are `n`, from 0; what is read is below that, or 0 if it makes no sense. */
void archive_index(struct archive *archive, uint32_t *value, uint32_t n);

/* Checks, when reading, that all has been read. */
void archive_end(struct archive *archive);

#endif
