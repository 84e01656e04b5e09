/*
 * Histograms of numbers in narrow buckets.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/log_histogram.h"

#include <glib.h>
#include <string.h>

/* Room is made for the neighbours of a bucket, too: numbers come close to each other. */
#define NEIGHBOURS 8u

void log_histogram_clear(struct log_histogram *histogram)
{
	g_free(histogram->counts);
	*histogram = (struct log_histogram){0};
}

void log_histogram_widen(struct log_histogram *histogram, uint32_t first, uint32_t last)
{
	uint32_t end = MIN(last + NEIGHBOURS, LOG_HISTOGRAM_BUCKETS);
	struct log_histogram wider = {.first = first - MIN(first, NEIGHBOURS)};

	if (histogram->n > 0) {
		wider.first = MIN(wider.first, histogram->first);
		end = MAX(end, histogram->first + histogram->n);
	}
	wider.n = end - wider.first;
	wider.counts = g_new0(uint64_t, wider.n);
	if (histogram->n > 0)
		memcpy(&wider.counts[histogram->first - wider.first], histogram->counts,
			log_histogram_size(histogram));
	g_free(histogram->counts);
	*histogram = wider;
}

void log_histogram_merge(struct log_histogram *histogram, const struct log_histogram *other)
{
	if (other->n == 0)
		return;
	if (histogram->n == 0 || other->first < histogram->first ||
		other->first + other->n > histogram->first + histogram->n)
		log_histogram_widen(histogram, other->first, other->first + other->n - 1);
	for (uint32_t i = 0; i < other->n; i++)
		histogram->counts[other->first - histogram->first + i] += other->counts[i];
}

int64_t log_histogram_ranked(const struct log_histogram *histogram, uint64_t rank)
{
	uint64_t count = 0;
	uint32_t i = 0;

	while (i + 1 < histogram->n && (count += histogram->counts[i]) < rank)
		i++;
	return (int64_t)MIN(
		log_bucket_middle(histogram->first + i, LOG_HISTOGRAM_BITS), (uint64_t)INT64_MAX);
}
