/*
 * How Parquet packs integers: runs and bits (RLE), and differences (DELTA_BINARY_PACKED), see
 * https://parquet.apache.org/docs/file-format/data-pages/encodings/.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PARQUET_ENCODE_H
#define LTTNGA_PARQUET_ENCODE_H

#include <glib.h>
#include <stdint.h>

/* How many bits a number takes; 0 for 0. */
static inline unsigned int parquet_bits(uint64_t value)
{
	return value ? 64 - (unsigned int)__builtin_clzll(value) : 0;
}

/* Appends numbers, of so many bits (1 to 32) each, as runs of equal ones and groups of packed ones. */
void parquet_rle(GByteArray *to, const uint32_t *values, size_t n, unsigned int width);

/* Appends numbers as blocks of differences. */
void parquet_delta(GByteArray *to, const int64_t *values, size_t n);

#endif
