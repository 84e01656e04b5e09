/*
 * Statistics of integers: their number, extremes, sum and sum of squares, and if wanted the values
 * themselves. The sums are exact: no order of values, and no way to take them apart and put them
 * together again, changes a result.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_STATISTICS_H
#define LTTNGA_STATISTICS_H

#include "host/accumulate/samples.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * 128 bits hold the sums of more values than anybody can record. They are aligned as Lua aligns objects
 * that have user values.
 */
__extension__ typedef __int128 wide __attribute__((aligned(8)));
__extension__ typedef unsigned __int128 unsigned_wide __attribute__((aligned(8)));

/* So many values that were saved are taken in at most: with what events add, no sum overflows. */
#define STATISTICS_COUNT_MAX (INT64_MAX / 2)

struct statistics {
	int64_t count;
	int64_t min, max; /* of no meaning without values */
	wide sum;
	unsigned_wide squares;   /* sum of squares; correct modulo 2^128 */
	struct samples *samples; /* the values themselves, if they are kept; owned */
};

/* Makes them empty, with `keep` such that keep their values. False if there is no memory. */
bool statistics_init(struct statistics *stats, bool keep);
void statistics_clear(struct statistics *stats);

/* Takes a value in. False if there is no memory to keep it. */
static inline bool statistics_add(struct statistics *stats, int64_t value)
{
	stats->count++;
	if (value < stats->min)
		stats->min = value;
	if (value > stats->max)
		stats->max = value;
	stats->sum += value;
	stats->squares += (unsigned_wide)((wide)value * value);
	return !stats->samples || samples_add(stats->samples, value);
}

/*
 * Takes all values of other statistics in, which keep their values if these do. False if there is no
 * memory to keep them.
 */
bool statistics_merge(struct statistics *stats, const struct statistics *other);

/* Takes count, extremes and sums of other statistics in, but not their values, which need not be kept. */
void statistics_merge_sums(struct statistics *stats, const struct statistics *other);

/* The average; there must be a value. */
double statistics_mean(const struct statistics *stats);

/* The standard deviation of the sample; there must be two values. */
double statistics_stdev(const struct statistics *stats);

#endif
