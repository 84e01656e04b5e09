/*
 * How the clocks of several machines go: reads the packets, compares the clocks of each two machines that exchanged
 * some, and goes from the reference to all others, on the ways that are the least uncertain.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/sync/sync.h"

#include "host/sync/exchanged.h"
#include "state/events.h"
#include "state/packets.h"

#include <math.h>
#include <stdlib.h>

/* So many sightings of packets are kept: 72 bytes each. */
#define SIGHTINGS_MAX (1 << 20)

/* Clocks that differ by more are none: hull_add() takes half of that. */
#define SPAN_MAX (INT64_C(1) << 60)

/* Clocks whose rates differ by more are not believed; machines correct theirs by 500e-6 at most. */
#define EXCESS_MAX (1.0 / 256)

/*
 * If the rate that packets allow is not narrower than this, it is not known: a short exchange, which must not say what
 * a clock shows hours later.
 */
#define RATE_SPREAD_MAX 1e-3

/* ---- Reading ---- */

/* What is bound of a packet: the same fields, at the same places, of both events. */
#define FIRST_FIELD       F_net_dev_queue_name
#define FIELD(rec, field) ((rec)->v[F_net_dev_queue_##field - FIRST_FIELD])
G_STATIC_ASSERT((int)F_net_dev_queue_name == (int)F_net_if_receive_skb_name);
G_STATIC_ASSERT((int)F_net_dev_queue_flags == (int)F_net_if_receive_skb_flags);
G_STATIC_ASSERT((int)F_net_dev_queue_COUNT == (int)F_net_if_receive_skb_COUNT);

static void bind(struct source *source)
{
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		const struct source_class *class = source_class(source, i);
		struct event_want want;

		if (source_trace(source, class->trace)->user || !event_lookup(class->name, &want) ||
			(want.kind != EV_net_dev_queue && want.kind != EV_net_if_receive_skb))
			continue;
		for (unsigned int k = FIRST_FIELD; k < want.n_fields; k++)
			source_bind_field(source, i, want.fields[k].names);
		source_bind(source, i, want.kind, want.sub);
	}
}

/* Reads an address; false if it is that of the machine itself. */
static bool read_address(int64_t version, int64_t high, int64_t low, uint64_t *address)
{
	if (version == 4) {
		*address = (uint64_t)high;
		return (high >> 24 & 0xff) != 127;
	}
	*address = exchanged_address((uint64_t)high, (uint64_t)low);
	return high != 0 || low != 1;
}

static void see(struct exchanged *exchanged, const struct source *source, const struct record *rec)
{
	int64_t version = FIELD(rec, version);
	int64_t protocol = version == 4 ? FIELD(rec, protocol) : FIELD(rec, nexthdr);
	struct sighting one = {
		.ports = (uint32_t)FIELD(rec, sport) << 16 | (uint16_t)FIELD(rec, dport),
		.seq = (uint32_t)FIELD(rec, seq),
		.ack = (uint32_t)FIELD(rec, ack),
		.flags = (uint32_t)FIELD(rec, flags) | (uint32_t)version << 16,
		.buffer = (uint64_t)FIELD(rec, skb),
		.time = rec->time,
		.machine = source_trace(source, source_stream(source, rec->stream)->trace)->machine,
		.received = rec->kind == EV_net_if_receive_skb,
	};
	const char *device;

	if ((version != 4 && version != 6) || protocol != PROTOCOL_TCP ||
		FIELD(rec, seq) == VALUE_ABSENT || FIELD(rec, flags) == VALUE_ABSENT ||
		!read_address(version, FIELD(rec, saddr), FIELD(rec, saddr_low), &one.from) ||
		!read_address(version, FIELD(rec, daddr), FIELD(rec, daddr_low), &one.to))
		return;
	device = record_string(source_getters(source), rec, 0);
	one.device = device ? g_str_hash(device) : 0;
	exchanged_add(exchanged, &one);
}

static bool read_packets(
	struct source *source, struct exchanged *exchanged, bool (*stop)(void), GError **error)
{
	enum source_status status = SOURCE_MORE;

	bind(source);
	while (status == SOURCE_MORE) {
		const struct record *records;
		size_t n;

		status = source_next(source, &records, &n, error);
		for (size_t i = 0; status == SOURCE_MORE && i < n; i++)
			if (records[i].kind == EV_net_dev_queue ||
				records[i].kind == EV_net_if_receive_skb)
				see(exchanged, source, &records[i]);
		if (status == SOURCE_MORE && stop()) {
			g_set_error_literal(error, SOURCE_ERROR, SOURCE_ERROR_READ, "interrupted");
			return false;
		}
	}
	return status == SOURCE_END;
}

/* ---- Two machines ---- */

/* A packet as a pair of machines sees it, which are first and second in `order`. */
struct crossing {
	uint32_t first, second; /* places in the order */
	bool forth;             /* the first one sent it */
	int64_t x, y;           /* on the clocks of both */
};

static int compare_crossings(const void *p, const void *q)
{
	const struct crossing *a = p, *b = q;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->second != b->second)
		return a->second < b->second ? -1 : 1;
	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	if (a->y != b->y)
		return a->y < b->y ? -1 : 1;
	return a->forth - b->forth;
}

/* The exchanges by pair of machines, each in the order of the first one's clock. */
static GArray *crossings_of(const GArray *exchanges, const unsigned int *place)
{
	GArray *all = g_array_sized_new(FALSE, FALSE, sizeof(struct crossing), exchanges->len);

	for (guint i = 0; i < exchanges->len; i++) {
		const struct exchange *one = &g_array_index(exchanges, struct exchange, i);
		uint32_t from = place[one->sender], to = place[one->receiver];
		struct crossing crossing = {to, from, false, one->received, one->sent};

		if (from < to)
			crossing = (struct crossing){from, to, true, one->sent, one->received};
		g_array_append_val(all, crossing);
	}
	if (all->len > 0)
		qsort(all->data, all->len, sizeof(struct crossing), compare_crossings);
	return all;
}

static void note_violation(struct sync_violations *violations, int64_t took)
{
	if (took >= 0)
		return;
	violations->n++;
	violations->worst = MAX(violations->worst, -took);
}

/* A crossing as its hull takes it, relative to the first one; false if it is too far away for that. */
static bool relative(
	const struct crossing *first, const struct crossing *one, int64_t *x, int64_t *y)
{
	return !__builtin_sub_overflow(one->x, first->x, x) &&
	       !__builtin_sub_overflow(one->y, first->y, y) && *x > -SPAN_MAX &&
	       *x<SPAN_MAX && * y> - SPAN_MAX && *y < SPAN_MAX;
}

/*
 * How far the second clock is ahead, of packets relative to the first one, if both go equally fast: in the middle of
 * what all packets allow. False if they do not allow that.
 */
static bool same_rate(const struct crossing *all, guint n, struct sync_pair *pair)
{
	int64_t low = INT64_MIN, high = INT64_MAX;

	for (guint i = 0; i < n; i++) {
		int64_t x, y;

		if (!relative(all, &all[i], &x, &y))
			continue;
		if (all[i].forth)
			high = MIN(high, y - x);
		else
			low = MAX(low, y - x);
	}
	if (low == INT64_MIN || high == INT64_MAX || low > high)
		return false;
	pair->excess = 0;
	pair->uncertain = (high - low + 1) / 2;
	pair->ahead = time_sum(time_span(all->x, all->y), low + (high - low) / 2);
	return true;
}

/* At most how far the second clock may be from the line: by as much as the fastest packets took, there or back. */
static int64_t uncertainty(const struct crossing *all, guint n, const struct hull *hull)
{
	int64_t forth = INT64_MAX, back = INT64_MAX;

	for (guint i = 0; i < n; i++) {
		int64_t x, y;

		if (!relative(all, &all[i], &x, &y))
			continue;
		if (all[i].forth)
			forth = MIN(forth, time_span(hull_at(hull, x), y));
		else
			back = MIN(back, time_span(y, hull_at(hull, x)));
	}
	return MAX(MAX(forth, back), 0);
}

/* Takes the line that was found, of packets that go on until `last`. */
static void follow(struct hull *hull, const struct crossing *all, guint n, int64_t last,
	struct sync_pair *pair)
{
	hull_take_known(hull);
	pair->ahead = time_span(pair->middle, time_sum(all->y, hull_at(hull, last / 2)));
	pair->excess = hull_excess(hull);
	pair->uncertain = uncertainty(all, n, hull);
	/* Only a limit of the rate is known. */
	if (hull->quality == HULL_APPROXIMATE)
		pair->uncertain = MAX(pair->uncertain, llround((double)last * RATE_SPREAD_MAX));
}

/* Compares the clocks of a pair, by its packets. */
static struct sync_pair compare_clocks(
	const struct crossing *all, guint n, const unsigned int *order)
{
	struct sync_pair pair = {.first = order[all->first], .second = order[all->second]};
	int64_t x = 0, y = 0, last = 0;
	struct hull hull;

	hull_begin(&hull, true);
	for (guint i = 0; i < n; i++) {
		pair.forth += all[i].forth;
		pair.back += !all[i].forth;
		if (relative(all, &all[i], &x, &y)) {
			hull_add(&hull, x, y, !all[i].forth);
			last = x;
		}
	}
	pair.quality = hull.quality;
	pair.middle = all->x + last / 2;
	pair.rate_known = hull.quality == HULL_ACCURATE && hull_spread(&hull) < RATE_SPREAD_MAX;
	if (pair.rate_known || hull.quality == HULL_FAIL || !same_rate(all, n, &pair))
		follow(&hull, all, n, last, &pair);
	if (fabs(pair.excess) >= EXCESS_MAX)
		pair.quality = HULL_FAIL;
	hull_clear(&hull);
	return pair;
}

/* ---- All of them ---- */

/* A map of a machine's times to the reference's: that of `from` is `to`, and for each ns there are 1 + excess. */
struct map {
	int64_t from, to;
	double excess;
};

static int64_t map_time(const struct map *map, int64_t time)
{
	int64_t span = time_span(map->from, time);

	return time_sum(time_sum(map->to, span), llround((double)span * map->excess));
}

/* The map from one of a pair to the other one, and on to the reference. */
static struct map go_on(const struct sync_pair *pair, bool from_second, const struct map *rest)
{
	int64_t other = time_sum(pair->middle, pair->ahead);
	struct map map = {pair->middle, map_time(rest, other), 0};
	double excess = pair->excess;

	if (from_second) {
		map = (struct map){other, map_time(rest, pair->middle), 0};
		excess = -pair->excess / (1 + pair->excess);
	}
	map.excess = excess + rest->excess + excess * rest->excess;
	return map;
}

static bool is_good(const struct sync_pair *pair)
{
	return pair->quality == HULL_ACCURATE || pair->quality == HULL_APPROXIMATE;
}

/* How a machine is reached so far. */
struct reached {
	double uncertain; /* all in all, ns; INFINITY: it is not */
	struct map map;
	unsigned int by;        /* pair */
	unsigned int reference; /* where the way begins */
	bool done;
};

/* Goes on from a machine whose way is settled to all that it exchanged packets with. */
static void reach_on(const struct sync *sync, struct reached *all, unsigned int at)
{
	all[at].done = true;
	for (guint i = 0; i < sync->pairs->len; i++) {
		const struct sync_pair *pair = &g_array_index(sync->pairs, struct sync_pair, i);
		unsigned int next = pair->first == at ? pair->second : pair->first;
		double uncertain = all[at].uncertain + (double)pair->uncertain + 1;

		if (!is_good(pair) || (pair->first != at && pair->second != at) ||
			uncertain >= all[next].uncertain)
			continue;
		all[next].uncertain = uncertain;
		all[next].map = go_on(pair, next == pair->second, &all[at].map);
		all[next].by = i;
		all[next].reference = all[at].reference;
	}
}

/* The clock of a machine as sources take it. */
static struct source_clock clock_of(const struct map *map)
{
	double rate = map->excess * (double)CLOCK_RATE_ONE, most = (double)CLOCK_RATE_MAX;

	return (struct source_clock){.offset = time_span(map->from, map->to),
		.from = map->to,
		.rate = (int64_t)llround(CLAMP(rate, -most, most))};
}

/* All machines that lead to a reference, by the least uncertain ways. */
static void reach_from(
	const struct sync *sync, struct reached *all, unsigned int reference, unsigned int n)
{
	all[reference] = (struct reached){0, {0, 0, 0}, UINT_MAX, reference, false};
	for (;;) {
		unsigned int best = UINT_MAX;

		for (unsigned int i = 0; i < n; i++)
			if (!all[i].done && !isinf(all[i].uncertain) &&
				(best == UINT_MAX || all[i].uncertain < all[best].uncertain))
				best = i;
		if (best == UINT_MAX)
			break;
		reach_on(sync, all, best);
	}
}

static void reach_all(struct sync *sync, const unsigned int *order, unsigned int n)
{
	struct reached *all = g_new(struct reached, n);

	for (unsigned int i = 0; i < n; i++)
		all[i] = (struct reached){INFINITY, {0, 0, 0}, UINT_MAX, i, false};
	for (unsigned int i = 0; i < n; i++)
		if (!all[order[i]].done)
			reach_from(sync, all, order[i], n);
	for (unsigned int i = 0; i < n; i++) {
		struct sync_machine *machine =
			&g_array_index(sync->machines, struct sync_machine, i);

		machine->reference = all[i].reference;
		machine->by = all[i].by;
		machine->clock = clock_of(&all[i].map);
		if (machine->by != UINT_MAX)
			g_array_index(sync->pairs, struct sync_pair, machine->by).used = true;
	}
	g_free(all);
}

/* How much later a packet was received than sent, on clocks that are corrected or not. */
static int64_t took(const struct sync *sync, const struct exchange *one, bool corrected)
{
	int64_t sent = one->sent, received = one->received;

	if (corrected) {
		clock_correct(
			&g_array_index(sync->machines, struct sync_machine, one->sender).clock,
			&sent);
		clock_correct(
			&g_array_index(sync->machines, struct sync_machine, one->receiver).clock,
			&received);
	}
	return time_span(sent, received);
}

/* Finds what contradicts causality: with the final clocks, of which other pairs may know nothing. */
static void find_violations(struct sync *sync, const GArray *exchanges, unsigned int n)
{
	GHashTable *pairs = g_hash_table_new(NULL, NULL);

	for (guint i = 0; i < sync->pairs->len; i++) {
		const struct sync_pair *pair = &g_array_index(sync->pairs, struct sync_pair, i);

		g_hash_table_insert(pairs, GSIZE_TO_POINTER((gsize)pair->first * n + pair->second),
			GUINT_TO_POINTER(i + 1));
		g_hash_table_insert(pairs, GSIZE_TO_POINTER((gsize)pair->second * n + pair->first),
			GUINT_TO_POINTER(i + 1));
	}
	for (guint i = 0; i < exchanges->len; i++) {
		const struct exchange *one = &g_array_index(exchanges, struct exchange, i);
		guint number = GPOINTER_TO_UINT(g_hash_table_lookup(
			pairs, GSIZE_TO_POINTER((gsize)one->sender * n + one->receiver)));
		struct sync_pair *pair = &g_array_index(sync->pairs, struct sync_pair, number - 1);

		note_violation(&pair->before, took(sync, one, false));
		if (g_array_index(sync->machines, struct sync_machine, one->sender).reference ==
			g_array_index(sync->machines, struct sync_machine, one->receiver).reference)
			note_violation(&pair->after, took(sync, one, true));
	}
	g_hash_table_unref(pairs);
}

struct sync *sync_read(struct source *source, const unsigned int *order, unsigned int n,
	bool (*stop)(void), GError **error)
{
	struct exchanged exchanged;
	struct sync *sync = NULL;

	exchanged_begin(&exchanged, SIGHTINGS_MAX);
	if (read_packets(source, &exchanged, stop, error)) {
		unsigned int *place = g_new0(unsigned int, n);
		GArray *exchanges = exchanged_match(&exchanged), *all;

		for (unsigned int i = 0; i < n; i++)
			place[order[i]] = i;
		all = crossings_of(exchanges, place);
		sync = g_new0(struct sync, 1);
		sync->machines = g_array_new(FALSE, TRUE, sizeof(struct sync_machine));
		g_array_set_size(sync->machines, n);
		sync->pairs = g_array_new(FALSE, TRUE, sizeof(struct sync_pair));
		sync->seen = exchanged.seen;
		sync->each = UINT64_C(1) << exchanged.shift;
		for (guint i = 0, next; i < all->len; i = next) {
			const struct crossing *first = &g_array_index(all, struct crossing, i);
			struct sync_pair pair;

			for (next = i + 1;
				next < all->len && first[next - i].first == first->first &&
				first[next - i].second == first->second;
				next++)
				;
			pair = compare_clocks(first, next - i, order);
			g_array_append_val(sync->pairs, pair);
		}
		reach_all(sync, order, n);
		find_violations(sync, exchanges, n);
		g_array_unref(all);
		g_array_unref(exchanges);
		g_free(place);
	}
	exchanged_clear(&exchanged);
	return sync;
}

void sync_free(struct sync *sync)
{
	g_array_unref(sync->machines);
	g_array_unref(sync->pairs);
	g_free(sync);
}
