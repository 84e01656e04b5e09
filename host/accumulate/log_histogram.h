/*
 * Histograms of numbers in buckets of which none is wider than 1/32 of its numbers: small enough to have
 * one for each bin of a series, and merged exactly.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_LOG_HISTOGRAM_H
#define LTTNGA_LOG_HISTOGRAM_H

#include "host/accumulate/log_buckets.h"

#include <stdint.h>

/* Buckets are as wide as 1/2^5 of their numbers. */
#define LOG_HISTOGRAM_BITS    5
#define LOG_HISTOGRAM_BUCKETS LOG_BUCKETS(LOG_HISTOGRAM_BITS)

/* The buckets from the first to the last one that has anything. All 0 at first: nothing is counted. */
struct log_histogram {
	uint32_t first, n;
	uint64_t *counts; /* owned */
};

void log_histogram_clear(struct log_histogram *histogram);

/* Bytes that it takes beside itself. */
static inline size_t log_histogram_size(const struct log_histogram *histogram)
{
	return histogram->n * sizeof(*histogram->counts);
}

/* Makes room for the buckets from `first` to `last`. */
void log_histogram_widen(struct log_histogram *histogram, uint32_t first, uint32_t last);

/* Counts a number; those below 0 count as 0. */
static inline void log_histogram_add(struct log_histogram *histogram, int64_t number)
{
	uint32_t bucket =
		(uint32_t)log_bucket(number > 0 ? (uint64_t)number : 0, LOG_HISTOGRAM_BITS);

	if (bucket - histogram->first >= histogram->n)
		log_histogram_widen(histogram, bucket, bucket);
	histogram->counts[bucket - histogram->first]++;
}

/* Adds what another one has counted. */
void log_histogram_merge(struct log_histogram *histogram, const struct log_histogram *other);

/*
 * The middle of the bucket in which the number of rank `rank` is (1: the least one); `rank` is not above
 * how many there are.
 */
int64_t log_histogram_ranked(const struct log_histogram *histogram, uint64_t rank);

#endif
