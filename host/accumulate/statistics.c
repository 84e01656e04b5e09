/*
 * Statistics of integers.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/statistics.h"

#include <math.h>

bool statistics_init(struct statistics *stats, bool keep)
{
	*stats = (struct statistics){.min = INT64_MAX, .max = INT64_MIN};
	if (keep)
		stats->samples = samples_new();
	return !keep || stats->samples;
}

void statistics_clear(struct statistics *stats)
{
	samples_free(stats->samples);
	stats->samples = NULL;
}

void statistics_merge_sums(struct statistics *stats, const struct statistics *other)
{
	stats->count += other->count;
	if (other->min < stats->min)
		stats->min = other->min;
	if (other->max > stats->max)
		stats->max = other->max;
	stats->sum += other->sum;
	stats->squares += other->squares;
}

bool statistics_merge(struct statistics *stats, const struct statistics *other)
{
	statistics_merge_sums(stats, other);
	return !stats->samples || samples_merge(stats->samples, other->samples);
}

double statistics_mean(const struct statistics *stats)
{
	/* Whole and rest apart: the sum can have more digits than a float. */
	return (double)(stats->sum / stats->count) +
	       (double)(stats->sum % stats->count) / (double)stats->count;
}

double statistics_stdev(const struct statistics *stats)
{
	/*
	 * With m, the average cut to an integer, the sum of (v - m)^2 is, exactly, the sum of v^2
	 * minus m (2 sum - n m); what was cut off the average comes off again. What overflows on
	 * the way comes back: the result is small.
	 */
	int64_t n = stats->count;
	wide mean = stats->sum / n;
	unsigned_wide squares =
		stats->squares -
		(unsigned_wide)mean *
			((unsigned_wide)stats->sum * 2 - (unsigned_wide)n * (unsigned_wide)mean);
	double rest = (double)(stats->sum - n * mean);

	return sqrt(fmax(0, ((double)squares - rest * rest / (double)n) / (double)(n - 1)));
}
