/*
 * Runs, bits and differences.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/output/parquet_encode.h"

#include "host/output/thrift.h"

/* ---- Bits ---- */

/* Bits on their way to bytes, the lowest first. */
struct packer {
	GByteArray *to;
	uint64_t bits;
	unsigned int n;
};

static void put_bits(struct packer *packer, uint64_t value, unsigned int width)
{
	/* What does not fit beside those that wait comes in two parts. */
	if (width > 32) {
		put_bits(packer, value & UINT32_MAX, 32);
		value >>= 32;
		width -= 32;
	}
	packer->bits |= value << packer->n;
	packer->n += width;
	while (packer->n >= 8) {
		uint8_t byte = (uint8_t)packer->bits;

		g_byte_array_append(packer->to, &byte, 1);
		packer->bits >>= 8;
		packer->n -= 8;
	}
}

/* ---- Runs ---- */

/* Values are packed in groups of so many. */
#define GROUP 8

/* Packs values; after the last one the group is filled with 0. */
static void put_groups(GByteArray *to, const uint32_t *values, size_t n, unsigned int width)
{
	struct packer packer = {.to = to};
	size_t groups = (n + GROUP - 1) / GROUP;

	if (n == 0)
		return;
	thrift_varint(to, groups << 1 | 1);
	for (size_t i = 0; i < groups * GROUP; i++)
		put_bits(&packer, i < n ? values[i] : 0, width);
}

static void put_run(GByteArray *to, uint32_t value, size_t n, unsigned int width)
{
	thrift_varint(to, n << 1);
	for (unsigned int i = 0; i < width; i += 8) {
		uint8_t byte = (uint8_t)(value >> i);

		g_byte_array_append(to, &byte, 1);
	}
}

void parquet_rle(GByteArray *to, const uint32_t *values, size_t n, unsigned int width)
{
	size_t packed = 0, i = 0; /* what is before `packed` has been written */

	while (i < n) {
		size_t end = i + 1, fill = (GROUP - (i - packed) % GROUP) % GROUP;

		while (end < n && values[end] == values[i])
			end++;
		/* The run completes the group before it; what is left must be worth a run. */
		if (end - i >= fill + GROUP) {
			put_groups(to, &values[packed], i + fill - packed, width);
			put_run(to, values[i], end - i - fill, width);
			packed = end;
		}
		i = end;
	}
	put_groups(to, &values[packed], n - packed, width);
}

/* ---- Differences ---- */

/* Values in a block, and parts of it that have a width of their own. */
#define BLOCK     128
#define MINI      4
#define MINI_SIZE (BLOCK / MINI)

/* Writes the differences that a block has, above the smallest of them. */
static void put_block(GByteArray *to, const uint64_t *deltas, size_t n)
{
	int64_t least = INT64_MAX;
	uint8_t widths[MINI] = {0};

	for (size_t i = 0; i < n; i++)
		least = MIN(least, (int64_t)deltas[i]);
	for (size_t i = 0; i < n; i++) {
		uint8_t *width = &widths[i / MINI_SIZE];

		*width = (uint8_t)MAX(*width, parquet_bits(deltas[i] - (uint64_t)least));
	}
	thrift_varint(to, thrift_zigzag(least));
	g_byte_array_append(to, widths, MINI);
	for (size_t mini = 0; mini * MINI_SIZE < n; mini++) {
		struct packer packer = {.to = to};

		for (size_t i = mini * MINI_SIZE; i < (mini + 1) * MINI_SIZE; i++)
			put_bits(&packer, i < n ? deltas[i] - (uint64_t)least : 0, widths[mini]);
	}
}

void parquet_delta(GByteArray *to, const int64_t *values, size_t n)
{
	uint64_t deltas[BLOCK];
	size_t gathered = 0;

	thrift_varint(to, BLOCK);
	thrift_varint(to, MINI);
	thrift_varint(to, n);
	thrift_varint(to, thrift_zigzag(n > 0 ? values[0] : 0));
	for (size_t i = 1; i < n; i++) {
		deltas[gathered++] = (uint64_t)values[i] - (uint64_t)values[i - 1];
		if (gathered == BLOCK || i + 1 == n) {
			put_block(to, deltas, gathered);
			gathered = 0;
		}
	}
}
