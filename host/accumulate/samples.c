/*
 * Samples: the values of a distribution.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/samples.h"

#include "host/accumulate/log_buckets.h"

#include <stdlib.h>
#include <string.h>

/* Values are kept in chunks, so that there is never room for many that do not come. */
#define CHUNK_FIRST 16
#define CHUNK_MAX   65536

#define FINE_BITS 10
#define BUCKETS   LOG_BUCKETS(FINE_BITS)

struct chunk {
	int64_t *values;
	size_t length, room;
};

struct samples {
	struct chunk *chunks; /* NULL once values are counted in buckets */
	size_t n_chunks;
	uint64_t count;
	int64_t min, max;
	bool sorted;         /* each chunk for itself */
	uint64_t *buckets;   /* NULL as long as all values are kept */
	uint64_t *negatives; /* of the values below 0, by their size */
};

struct samples *samples_new(void)
{
	return calloc(1, sizeof(struct samples));
}

static void free_chunks(struct samples *samples)
{
	for (size_t i = 0; i < samples->n_chunks; i++)
		free(samples->chunks[i].values);
	free(samples->chunks);
	samples->chunks = NULL;
	samples->n_chunks = 0;
}

void samples_free(struct samples *samples)
{
	if (!samples)
		return;
	free_chunks(samples);
	free(samples->buckets);
	free(samples->negatives);
	free(samples);
}

static uint64_t size_of(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

/* Where a value is counted. */
static uint64_t *counter_of(struct samples *samples, int64_t value)
{
	return &(value < 0 ? samples->negatives
			   : samples->buckets)[log_bucket(size_of(value), FINE_BITS)];
}

/* Goes over to buckets. */
static bool coarsen(struct samples *samples)
{
	samples->buckets = calloc(BUCKETS, sizeof(uint64_t));
	samples->negatives = calloc(BUCKETS, sizeof(uint64_t));
	if (!samples->buckets || !samples->negatives)
		return false;
	for (size_t i = 0; i < samples->n_chunks; i++)
		for (size_t k = 0; k < samples->chunks[i].length; k++)
			++*counter_of(samples, samples->chunks[i].values[k]);
	free_chunks(samples);
	return true;
}

/* The chunk that the next value goes into; NULL without memory. */
static struct chunk *chunk_with_room(struct samples *samples)
{
	struct chunk *chunk = samples->n_chunks ? &samples->chunks[samples->n_chunks - 1] : NULL;
	size_t room = chunk ? chunk->room : 0;

	if (chunk && chunk->length < room)
		return chunk;
	chunk = realloc(samples->chunks, (samples->n_chunks + 1) * sizeof(*chunk));
	if (!chunk)
		return NULL;
	samples->chunks = chunk;
	chunk += samples->n_chunks;
	chunk->room = room == 0 ? CHUNK_FIRST : room < CHUNK_MAX ? 2 * room : room;
	chunk->length = 0;
	chunk->values = malloc(chunk->room * sizeof(int64_t));
	if (!chunk->values)
		return NULL;
	samples->n_chunks++;
	return chunk;
}

bool samples_add(struct samples *samples, int64_t value)
{
	struct chunk *chunk;

	if (!samples->buckets && samples->count >= SAMPLES_KEPT && !coarsen(samples))
		return false;
	if (samples->count == 0 || value < samples->min)
		samples->min = value;
	if (samples->count == 0 || value > samples->max)
		samples->max = value;
	samples->count++;
	if (samples->buckets) {
		++*counter_of(samples, value);
		return true;
	}
	chunk = chunk_with_room(samples);
	if (!chunk)
		return false;
	chunk->values[chunk->length++] = value;
	samples->sorted = false;
	return true;
}

/* Notes that there are so many more values, from `min` to `max`. */
static void count_more(struct samples *samples, uint64_t count, int64_t min, int64_t max)
{
	if (samples->count == 0 || min < samples->min)
		samples->min = min;
	if (samples->count == 0 || max > samples->max)
		samples->max = max;
	samples->count += count;
}

/* Takes in what is counted in buckets. */
static bool merge_buckets(struct samples *samples, const struct samples *other)
{
	if (!samples->buckets && !coarsen(samples))
		return false;
	count_more(samples, other->count, other->min, other->max);
	for (size_t i = 0; i < BUCKETS; i++) {
		samples->buckets[i] += other->buckets[i];
		samples->negatives[i] += other->negatives[i];
	}
	return true;
}

bool samples_are_exact(const struct samples *samples)
{
	return !samples->buckets;
}

void samples_each(const struct samples *samples,
	void (*take)(void *data, int64_t value, uint64_t count), void *data)
{
	for (size_t i = 0; i < samples->n_chunks; i++)
		for (size_t k = 0; k < samples->chunks[i].length; k++)
			take(data, samples->chunks[i].values[k], 1);
	for (size_t i = 0; samples->buckets && i < BUCKETS; i++) {
		if (samples->negatives[i])
			take(data, (int64_t) - (uint64_t)log_bucket_lowest(i, FINE_BITS),
				samples->negatives[i]);
		if (samples->buckets[i])
			take(data, (int64_t)log_bucket_lowest(i, FINE_BITS), samples->buckets[i]);
	}
}

int64_t samples_lowest(int64_t value)
{
	uint64_t lowest = log_bucket_lowest(log_bucket(size_of(value), FINE_BITS), FINE_BITS);

	return (int64_t)(value < 0 ? -lowest : lowest);
}

bool samples_is_lowest(int64_t value)
{
	return samples_lowest(value) == value;
}

bool samples_add_bucket(
	struct samples *samples, int64_t lowest, uint64_t count, int64_t min, int64_t max)
{
	if (!samples->buckets && !coarsen(samples))
		return false;
	*counter_of(samples, lowest) += count;
	count_more(samples, count, min, max);
	return true;
}

bool samples_merge(struct samples *samples, const struct samples *other)
{
	if (other->buckets)
		return merge_buckets(samples, other);
	for (size_t i = 0; i < other->n_chunks; i++)
		for (size_t k = 0; k < other->chunks[i].length; k++)
			if (!samples_add(samples, other->chunks[i].values[k]))
				return false;
	return true;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* How many values of a sorted chunk are not above `value`. */
static uint64_t not_above(const struct chunk *chunk, int64_t value)
{
	size_t low = 0, high = chunk->length;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (chunk->values[middle] <= value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* By bisection over all numbers there are: chunks need not be merged for it. */
static int64_t ranked_value(struct samples *samples, uint64_t rank)
{
	int64_t low = INT64_MIN, high = INT64_MAX;

	for (size_t i = 0; !samples->sorted && i < samples->n_chunks; i++)
		qsort(samples->chunks[i].values, samples->chunks[i].length, sizeof(int64_t),
			compare);
	samples->sorted = true;
	while (low < high) {
		/* No overflow, and never `high` itself. */
		int64_t middle = low + (int64_t)(((uint64_t)high - (uint64_t)low) / 2);
		uint64_t count = 0;

		for (size_t i = 0; i < samples->n_chunks; i++)
			count += not_above(&samples->chunks[i], middle);
		if (count >= rank)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* What a bucket stands for; none of its values is outside of what there has been. */
static int64_t bucket_middle(const struct samples *samples, size_t bucket, bool negative)
{
	uint64_t size = log_bucket_middle(bucket, FINE_BITS);
	int64_t limited = (int64_t)(size > INT64_MAX ? INT64_MAX : size);
	int64_t value = negative ? -limited : limited;

	if (value < samples->min)
		return samples->min;
	return value > samples->max ? samples->max : value;
}

static int64_t ranked_bucket(const struct samples *samples, uint64_t rank)
{
	uint64_t count = 0;

	for (size_t i = BUCKETS; i-- > 0;) {
		count += samples->negatives[i];
		if (count >= rank)
			return bucket_middle(samples, i, true);
	}
	for (size_t i = 0; i < BUCKETS; i++) {
		count += samples->buckets[i];
		if (count >= rank)
			return bucket_middle(samples, i, false);
	}
	return samples->max;
}

int64_t samples_ranked(struct samples *samples, uint64_t rank)
{
	if (rank <= 1)
		return samples->min;
	if (rank >= samples->count)
		return samples->max;
	return samples->buckets ? ranked_bucket(samples, rank) : ranked_value(samples, rank);
}

struct histogram {
	int64_t low, high;
	double width;
	size_t n;
	uint64_t *counts;
};

static void into_histogram(const struct histogram *into, int64_t value, uint64_t count)
{
	size_t at;

	if (value < into->low || value > into->high)
		return;
	at = (size_t)((double)((uint64_t)value - (uint64_t)into->low) / into->width);
	into->counts[at < into->n ? at : into->n - 1] += count;
}

void samples_histogram(
	const struct samples *samples, int64_t low, int64_t high, size_t n, uint64_t *counts)
{
	const struct histogram into = {
		low, high, (double)((uint64_t)high - (uint64_t)low) / (double)n, n, counts};

	memset(counts, 0, n * sizeof(*counts));
	for (size_t i = 0; i < samples->n_chunks; i++)
		for (size_t k = 0; k < samples->chunks[i].length; k++)
			into_histogram(&into, samples->chunks[i].values[k], 1);
	for (size_t i = 0; samples->buckets && i < BUCKETS; i++) {
		if (samples->buckets[i])
			into_histogram(
				&into, bucket_middle(samples, i, false), samples->buckets[i]);
		if (samples->negatives[i])
			into_histogram(
				&into, bucket_middle(samples, i, true), samples->negatives[i]);
	}
}
