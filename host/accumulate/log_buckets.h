/*
 * Buckets for numbers from 0 on that are as narrow as the numbers in them are small: one for each number
 * below 2^(bits + 1), then 2^bits for each power of two. So none is wider than 1/2^bits of its numbers.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_LOG_BUCKETS_H
#define LTTNGA_LOG_BUCKETS_H

#include <stddef.h>
#include <stdint.h>

/* How many buckets there are. */
#define LOG_BUCKETS(bits) ((2u << (bits)) + (63 - (bits)) * (1u << (bits)))

/* The bucket of a number. */
static inline size_t log_bucket(uint64_t number, unsigned int bits)
{
	unsigned int shift;

	if (number < 2u << bits)
		return number;
	shift = 63 - (unsigned int)__builtin_clzll(number) - bits;
	return (2u << bits) + ((size_t)shift - 1) * (1u << bits) + (number >> shift) - (1u << bits);
}

/* By how many bits the numbers of a bucket are shifted: it is 2^shift wide. */
static inline unsigned int log_bucket_shift(size_t bucket, unsigned int bits)
{
	return bucket < 2u << bits ? 0 : (unsigned int)((bucket - (2u << bits)) >> bits) + 1;
}

/* The least number of a bucket. */
static inline uint64_t log_bucket_lowest(size_t bucket, unsigned int bits)
{
	unsigned int shift = log_bucket_shift(bucket, bits);

	if (shift == 0)
		return bucket;
	return (uint64_t)(((bucket - (2u << bits)) & ((1u << bits) - 1)) + (1u << bits)) << shift;
}

/* The number in the middle of a bucket. */
static inline uint64_t log_bucket_middle(size_t bucket, unsigned int bits)
{
	unsigned int shift = log_bucket_shift(bucket, bits);

	return log_bucket_lowest(bucket, bits) + (shift > 0 ? UINT64_C(1) << (shift - 1) : 0);
}

#endif
