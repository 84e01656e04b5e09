/*
 * Curves: what there was in each bin of time.
 *
 * What lasts for many bins costs as little as what lasts for one: only its ends are noted, and that
 * it lasts for all of the bins between them (`whole`). Sums of what is damaged wrap.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/curve.h"

#include "state/record.h"

#include <string.h>

/* ---- Bins of each kind ---- */

static void merge_time(const struct curve *curve, void *into, const void *from)
{
	struct time_bin *bin = into;

	(void)curve;
	bin->part = time_sum(bin->part, ((const struct time_bin *)from)->part);
	bin->whole = time_sum(bin->whole, ((const struct time_bin *)from)->whole);
}

static void merge_sum(const struct curve *curve, void *into, const void *from)
{
	struct sum_bin *bin = into;
	const struct sum_bin *more = from;

	(void)curve;
	bin->n = time_sum(bin->n, more->n);
	bin->sum = time_sum(bin->sum, more->sum);
}

static void merge_values(const struct curve *curve, void *into, const void *from)
{
	struct values_bin *bin = into;
	const struct values_bin *more = from;

	(void)curve;
	if (more->n == 0)
		return;
	bin->max = bin->n > 0 ? MAX(bin->max, more->max) : more->max;
	bin->n = time_sum(bin->n, more->n);
	bin->sum = time_sum(bin->sum, more->sum);
	log_histogram_merge(&bin->counts, &more->counts);
}

static void clear_values(const struct curve *curve, void *bin)
{
	(void)curve;
	log_histogram_clear(&((struct values_bin *)bin)->counts);
}

static int64_t size_values(const struct curve *curve, const void *bin)
{
	(void)curve;
	return (int64_t)log_histogram_size(&((const struct values_bin *)bin)->counts);
}

static void merge_level(const struct curve *curve, void *into, const void *from)
{
	struct level_bin *bin = into;
	const struct level_bin *more = from;

	(void)curve;
	if (more->known == 0)
		return;
	bin->max = bin->known > 0 ? MAX(bin->max, more->max) : more->max;
	bin->known = time_sum(bin->known, more->known);
	bin->integral = wide_sum(bin->integral, more->integral);
}

/* What kind of field of the largest is kept as number `i`. */
static enum collected_kind kept_kind(const struct curve *curve, guint i)
{
	return g_array_index(curve->kept, struct collected_field, i).kind;
}

static void clear_largest(const struct curve *curve, void *bin)
{
	struct largest_bin *largest = bin;

	for (guint i = 0; largest->kept && i < curve->kept->len; i++)
		if (kept_kind(curve, i) == COLLECTED_TEXT)
			g_free((char *)largest->kept[i].text);
	g_free(largest->kept);
	largest->kept = NULL;
}

static int64_t size_largest(const struct curve *curve, const void *bin)
{
	const struct largest_bin *largest = bin;
	int64_t size = 0;

	for (guint i = 0; largest->kept && i < curve->kept->len; i++) {
		size += (int64_t)sizeof(*largest->kept);
		if (kept_kind(curve, i) == COLLECTED_TEXT && largest->kept[i].text)
			size += (int64_t)strlen(largest->kept[i].text) + 1;
	}
	return size;
}

/* Of two that are as large it is the earlier one. */
static void merge_largest(const struct curve *curve, void *into, const void *from)
{
	struct largest_bin *bin = into;
	const struct largest_bin *more = from;

	if (!more->kept ||
		(bin->kept && (more->number < bin->number ||
				      (more->number == bin->number && more->time >= bin->time))))
		return;
	clear_largest(curve, bin);
	*bin = *more;
	/* There is always one, so that NULL is none. */
	bin->kept = g_new(union collected_value, curve->kept->len + 1);
	for (guint i = 0; i < curve->kept->len; i++) {
		bin->kept[i] = more->kept[i];
		if (kept_kind(curve, i) == COLLECTED_TEXT)
			bin->kept[i].text = g_strdup(more->kept[i].text);
	}
}

static const struct kind {
	size_t size; /* of a bin, which is all 0 at first */
	void (*merge)(const struct curve *curve, void *into, const void *from);
	void (*clear)(const struct curve *curve, void *bin); /* frees what it owns; or NULL */
	int64_t (*owned)(const struct curve *curve, const void *bin); /* bytes of that */
} kinds[CURVE_KINDS] = {
	[CURVE_TIME] = {sizeof(struct time_bin), merge_time, NULL, NULL},
	[CURVE_SUM] = {sizeof(struct sum_bin), merge_sum, NULL, NULL},
	[CURVE_SPREAD] = {sizeof(struct sum_bin), merge_sum, NULL, NULL},
	[CURVE_VALUES] = {sizeof(struct values_bin), merge_values, clear_values, size_values},
	[CURVE_LEVEL] = {sizeof(struct level_bin), merge_level, NULL, NULL},
	[CURVE_CHANGES] = {sizeof(struct level_bin), merge_level, NULL, NULL},
	[CURVE_LARGEST] = {sizeof(struct largest_bin), merge_largest, clear_largest, size_largest},
};

static void *bin_at(const struct curve *curve, size_t i)
{
	return (char *)curve->bins + i * kinds[curve->kind].size;
}

static void clear_bin(struct curve *curve, void *bin)
{
	const struct kind *kind = &kinds[curve->kind];

	if (!kind->clear)
		return;
	curve->grid->bytes -= kind->owned(curve, bin);
	kind->clear(curve, bin);
}

static void merge_bin(struct curve *curve, void *into, const void *from)
{
	const struct kind *kind = &kinds[curve->kind];

	if (kind->owned)
		curve->grid->bytes -= kind->owned(curve, into);
	kind->merge(curve, into, from);
	if (kind->owned)
		curve->grid->bytes += kind->owned(curve, into);
}

/* Bytes of so many bins. */
static int64_t size_of(const struct curve *curve, size_t n)
{
	return (int64_t)(n * kinds[curve->kind].size);
}

void curve_init(struct curve *curve)
{
	curve->place = curve->grid->curves->len;
	g_ptr_array_add(curve->grid->curves, curve);
}

/* Forgets all bins. */
static void empty(struct curve *curve)
{
	for (size_t i = 0; i < curve->n; i++)
		clear_bin(curve, bin_at(curve, i));
	curve->grid->bytes -= size_of(curve, curve->n);
	g_free(curve->bins);
	curve->bins = NULL;
	curve->n = 0;
}

void curve_clear(struct curve *curve)
{
	GPtrArray *curves = curve->grid->curves;

	empty(curve);
	/* The collector may have ended the grid before. */
	if (!curves)
		return;
	g_ptr_array_remove_index_fast(curves, curve->place);
	if (curve->place < curves->len)
		((struct curve *)g_ptr_array_index(curves, curve->place))->place = curve->place;
}

/* Makes room for `n` bins from number `first` on: those that there are, and more. */
static void make_room(struct curve *curve, uint64_t first, size_t n)
{
	char *bins = g_malloc0_n(n, kinds[curve->kind].size);

	if (curve->n > 0)
		memcpy(bins + (curve->first - first) * kinds[curve->kind].size, curve->bins,
			(size_t)size_of(curve, curve->n));
	curve->grid->bytes += size_of(curve, n) - size_of(curve, curve->n);
	g_free(curve->bins);
	curve->bins = bins;
	curve->first = first;
	curve->n = n;
}

void *curve_bin(struct curve *curve, uint64_t number)
{
	if (curve->n == 0)
		make_room(curve, number, 1);
	else if (number < curve->first)
		make_room(curve, number, curve->n + (size_t)(curve->first - number));
	else if (number - curve->first >= curve->n)
		make_room(curve, curve->first,
			MAX((size_t)(number - curve->first) + 1, curve->n + curve->n / 2 + 1));
	return bin_at(curve, (size_t)(number - curve->first));
}

const void *curve_look(const struct curve *curve, uint64_t number)
{
	if (number < curve->first || number - curve->first >= curve->n)
		return NULL;
	return bin_at(curve, (size_t)(number - curve->first));
}

/* ---- What happens ---- */

/* How far into its bin a time is. */
static int64_t within(const struct bins *grid, int64_t time)
{
	return (int64_t)(((uint64_t)time - (uint64_t)grid->origin) % (uint64_t)grid->width);
}

void curve_add_time(struct curve *curve, int64_t begin, int64_t end)
{
	const struct bins *grid = curve->grid;
	uint64_t first = bin_of(grid, begin), last = bin_of(grid, end - 1);
	struct time_bin *bin;

	bin = curve_bin(curve, first);
	if (first == last) {
		bin->part = time_sum(bin->part, time_span(begin, end));
		return;
	}
	bin->part = time_sum(bin->part, grid->width - within(grid, begin));
	/* Room first: it may move them. */
	bin = curve_bin(curve, last);
	bin->part = time_sum(bin->part, within(grid, end - 1) + 1);
	bin->whole--;
	bin = curve_bin(curve, first + 1);
	bin->whole++;
}

void curve_add_number(struct curve *curve, int64_t time, int64_t number)
{
	struct values_bin *values = curve_bin(curve, bin_of(curve->grid, time));
	int64_t before;

	/* Both kinds of bins begin with number and sum. */
	values->n++;
	values->sum = time_sum(values->sum, number);
	if (curve->kind != CURVE_VALUES)
		return;
	if (values->n == 1 || number > values->max)
		values->max = number;
	before = size_values(curve, values);
	log_histogram_add(&values->counts, number);
	curve->grid->bytes += size_values(curve, values) - before;
}

void curve_add_spread(struct curve *curve, int64_t begin, int64_t end, int64_t number)
{
	const struct bins *grid = curve->grid;
	uint64_t first = bin_of(grid, begin), last = bin_of(grid, end - 1);
	int64_t length = time_span(begin, end), until = 0, before = 0, now;
	struct sum_bin *bin;

	for (uint64_t at = first; at < last; at++) {
		until += at == first ? grid->width - within(grid, begin) : grid->width;
		now = (int64_t)((wide)number * until / length);
		bin = curve_bin(curve, at);
		bin->sum = time_sum(bin->sum, time_span(before, now));
		before = now;
	}
	bin = curve_bin(curve, last);
	bin->sum = time_sum(bin->sum, time_span(before, number));
	bin->n++;
}

void curve_add_level(struct curve *curve, int64_t begin, int64_t end, int64_t level)
{
	const struct bins *grid = curve->grid;
	uint64_t last = bin_of(grid, end - 1);
	struct level_bin *bin;
	int64_t part;

	for (uint64_t number = bin_of(grid, begin); number <= last; number++) {
		part = MIN(grid->width - within(grid, begin), time_span(begin, end));
		bin = curve_bin(curve, number);
		bin->max = bin->known > 0 ? MAX(bin->max, level) : level;
		bin->known = time_sum(bin->known, part);
		bin->integral = wide_sum(bin->integral, (wide)level * part);
		begin += part;
	}
}

void curve_extend(struct curve *curve, int64_t time)
{
	if (!curve->has_level || curve->since >= time)
		return;
	if (curve->level != VALUE_ABSENT)
		curve_add_level(curve, curve->since, time, curve->level);
	curve->since = time;
}

void curve_lift(struct curve *curve, int64_t by)
{
	curve->lifted = time_sum(curve->lifted, by);
	for (size_t i = 0; i < curve->n; i++) {
		struct level_bin *bin = bin_at(curve, i);

		bin->integral = wide_sum(bin->integral, (wide)by * bin->known);
		bin->max = time_sum(bin->max, by);
	}
}

void curve_set_level(struct curve *curve, int64_t time, int64_t number)
{
	if (!curve->has_level)
		curve->begun = time;
	/* Nothing was there before the first change. */
	if (curve->kind == CURVE_CHANGES && !curve->has_level && curve->grid->is_within) {
		curve->has_level = true;
		curve->since = curve->grid->origin;
	}
	curve_extend(curve, time);
	curve->since = curve->has_level ? MAX(curve->since, time) : time;
	curve->has_level = true;
	if (curve->kind == CURVE_LEVEL) {
		curve->level = number;
		return;
	}
	curve->level = time_sum(curve->level, number);
	if (curve->level < 0) {
		curve_lift(curve, (int64_t) - (uint64_t)curve->level);
		curve->level = 0;
	}
}

void curve_merge_bin(struct curve *curve, uint64_t number, const void *bin)
{
	merge_bin(curve, curve_bin(curve, number), bin);
}

bool curve_is_largest(struct curve *curve, int64_t time, int64_t number)
{
	const struct largest_bin *bin = curve_bin(curve, bin_of(curve->grid, time));

	return !bin->kept || number > bin->number;
}

void curve_put_largest(
	struct curve *curve, int64_t time, int64_t number, const union collected_value *kept)
{
	const struct largest_bin largest = {number, time, (union collected_value *)kept};

	curve_merge_bin(curve, bin_of(curve->grid, time), &largest);
}

/* ---- Bins that are merged ---- */

/* Writes into `part` what was noted in `whole`. */
static void settle(struct curve *curve)
{
	int64_t whole = 0;

	for (size_t i = 0; i < curve->n; i++) {
		struct time_bin *bin = bin_at(curve, i);

		whole = time_sum(whole, bin->whole);
		bin->whole = 0;
		bin->part = time_sum(
			bin->part, (int64_t)((uint64_t)whole * (uint64_t)curve->grid->width));
	}
}

void curve_coarsen(struct curve *curve, uint64_t factor)
{
	struct curve coarse = *curve;

	if (curve->n == 0)
		return;
	if (curve->kind == CURVE_TIME)
		settle(curve);
	coarse.bins = NULL;
	coarse.n = 0;
	make_room(&coarse, curve->first / factor,
		(size_t)((curve->first + curve->n - 1) / factor - curve->first / factor) + 1);
	for (size_t i = 0; i < curve->n; i++)
		merge_bin(
			&coarse, curve_bin(&coarse, (curve->first + i) / factor), bin_at(curve, i));
	empty(curve);
	*curve = coarse;
}

void curve_merge(struct curve *into, const struct curve *from)
{
	if (from->n == 0)
		return;
	/* Room for all at once. */
	curve_bin(into, from->first);
	curve_bin(into, from->first + from->n - 1);
	for (size_t i = 0; i < from->n; i++)
		merge_bin(into, curve_bin(into, from->first + i), bin_at(from, i));
}

void curve_fold(struct curve *curve, uint64_t number)
{
	size_t size = kinds[curve->kind].size;
	void *bin;

	/* Time has no moments. */
	if (curve->kind == CURVE_TIME || number == 0 || !curve_look(curve, number))
		return;
	curve_bin(curve, number - 1);
	bin = curve_bin(curve, number);
	merge_bin(curve, curve_bin(curve, number - 1), bin);
	clear_bin(curve, bin);
	memset(bin, 0, size);
}

void curve_times(const struct curve *curve, uint64_t first, size_t n, int64_t *times)
{
	int64_t whole = 0;

	memset(times, 0, n * sizeof(*times));
	for (size_t i = 0; i < curve->n && curve->first + i < first + n; i++) {
		const struct time_bin *bin = bin_at(curve, i);

		whole = time_sum(whole, bin->whole);
		if (curve->first + i < first)
			continue;
		times[curve->first + i - first] = time_sum(
			bin->part, (int64_t)((uint64_t)whole * (uint64_t)curve->grid->width));
	}
}
