/*
 * Samples: the values of a distribution, to ask for quantiles and histograms of them. All values
 * are kept, 8 bytes each, up to SAMPLES_KEPT; beyond that they are counted in buckets whose width
 * is at most 1/1024 of their values.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SAMPLES_H
#define LTTNGA_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAMPLES_KEPT 10000000

struct samples;

/* An empty set of samples, NULL if there is no memory. Free it with samples_free(). */
struct samples *samples_new(void);
void samples_free(struct samples *samples);

/* Takes a value in; false if there is no memory for it. */
bool samples_add(struct samples *samples, int64_t value);

/* Takes all values of other samples in; false if there is no memory for them. */
bool samples_merge(struct samples *samples, const struct samples *other);

/* Whether all values are still kept as they were. */
bool samples_are_exact(const struct samples *samples);

/*
 * Calls a function for each value, in the order in which they are kept; or, once they are counted in
 * buckets, for each bucket with values: the value in it that is nearest to 0, and how many there are.
 */
void samples_each(const struct samples *samples,
	void (*take)(void *data, int64_t value, uint64_t count), void *data);

/* The value nearest to 0 in the bucket that a value would be counted in. */
int64_t samples_lowest(int64_t value);

/* Whether a value is the one of a bucket that is nearest to 0. */
bool samples_is_lowest(int64_t value);

/*
 * Takes in what a bucket counts, by the value that samples_each() gave; all values are from `min` to
 * `max`. False if there is no memory.
 */
bool samples_add_bucket(
	struct samples *samples, int64_t lowest, uint64_t count, int64_t min, int64_t max);

/*
 * The smallest value that at least `rank` values are not above (rank 1: the smallest of all).
 * `rank` is from 1 to the number of values. Sorts the samples.
 */
int64_t samples_ranked(struct samples *samples, uint64_t rank);

/*
 * Counts the values from `low` to `high`, both included, in `n` buckets of equal width. `low` must
 * be below `high`; what is outside is not counted.
 */
void samples_histogram(
	const struct samples *samples, int64_t low, int64_t high, size_t n, uint64_t *counts);

#endif
