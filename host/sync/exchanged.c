/*
 * Which packets machines exchanged: sightings are kept as they come, and put side by side in the end.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/sync/exchanged.h"

#include <stdlib.h>

/* Machines on the way of one packet; more are not asked which of them was first. */
#define WAY_MAX 16

void exchanged_begin(struct exchanged *exchanged, guint most)
{
	*exchanged = (struct exchanged){
		.sightings = g_array_new(FALSE, FALSE, sizeof(struct sighting)), .most = most};
}

void exchanged_clear(struct exchanged *exchanged)
{
	g_array_unref(exchanged->sightings);
}

/* The same in each process, so that the same packets are chosen. */
static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 32) * UINT64_C(0xd6e8feb86659fd93);
	value = (value ^ value >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return value ^ value >> 32;
}

uint64_t exchanged_address(uint64_t high, uint64_t low)
{
	return low ? mix(high + mix(low)) : high;
}

static bool is_chosen(const struct exchanged *exchanged, const struct sighting *one)
{
	uint64_t hash = mix(one->from ^ mix(one->to ^ mix((uint64_t)one->ports << 32 | one->seq)) ^
			    mix((uint64_t)one->ack << 32 | one->flags));

	return (hash & ((UINT64_C(1) << exchanged->shift) - 1)) == 0;
}

/* Keeps only every other packet from now on. */
static void thin_out(struct exchanged *exchanged)
{
	GArray *all = exchanged->sightings;
	guint n = 0;

	exchanged->shift++;
	for (guint i = 0; i < all->len; i++)
		if (is_chosen(exchanged, &g_array_index(all, struct sighting, i)))
			g_array_index(all, struct sighting, n++) =
				g_array_index(all, struct sighting, i);
	g_array_set_size(all, n);
}

void exchanged_add(struct exchanged *exchanged, const struct sighting *sighting)
{
	exchanged->seen++;
	if (!is_chosen(exchanged, sighting))
		return;
	if (exchanged->sightings->len >= exchanged->most && exchanged->shift < 32)
		thin_out(exchanged);
	if (exchanged->sightings->len < exchanged->most && is_chosen(exchanged, sighting))
		g_array_append_val(exchanged->sightings, *sighting);
}

#define COMPARE(field)                                       \
	do {                                                 \
		if (a->field != b->field)                    \
			return a->field < b->field ? -1 : 1; \
	} while (0)

static int compare_packets(const struct sighting *a, const struct sighting *b)
{
	COMPARE(seq);
	COMPARE(ack);
	COMPARE(ports);
	COMPARE(from);
	COMPARE(to);
	COMPARE(flags);
	return 0;
}

static int compare_sightings(const void *x, const void *y)
{
	const struct sighting *a = x, *b = y;
	int order = compare_packets(a, b);

	if (order)
		return order;
	COMPARE(machine);
	COMPARE(received);
	COMPARE(time);
	COMPARE(buffer);
	COMPARE(device);
	return 0;
}

/* What one machine saw of a packet. */
struct stop {
	uint32_t machine;
	const struct sighting *sent, *received; /* first; NULL if it did not */
	bool twice; /* ... one of these, with the same headers: they may be of several packets */
};

/* Takes a sighting into account. */
static void see(struct stop *stop, const struct sighting *one)
{
	const struct sighting **first = one->received ? &stop->received : &stop->sent;

	if (!*first)
		*first = one;
	else if ((*first)->buffer != one->buffer || (*first)->device == one->device)
		stop->twice = true;
}

/* The only machine that did the one, and not the other; NULL if several did, or none. */
static const struct stop *only(const struct stop *way, guint n, bool sent)
{
	const struct stop *found = NULL;

	for (guint i = 0; i < n; i++) {
		if (sent ? !way[i].sent || way[i].received : !way[i].received || way[i].sent)
			continue;
		if (found)
			return NULL;
		found = &way[i];
	}
	return found;
}

static void add_exchange(GArray *list, const struct stop *sender, const struct stop *receiver)
{
	struct exchange one;

	if (sender == receiver || !sender->sent || !receiver->received || sender->twice ||
		receiver->twice)
		return;
	one = (struct exchange){
		sender->machine, receiver->machine, sender->sent->time, receiver->received->time};
	g_array_append_val(list, one);
}

/* The exchanges that the sightings of one packet tell of. */
static void match(const struct sighting *first, guint n, GArray *list)
{
	struct stop way[WAY_MAX] = {0};
	const struct stop *origin, *goal;
	guint length = 0;

	for (guint i = 0; i < n; i++) {
		if (length == 0 || way[length - 1].machine != first[i].machine) {
			if (length == WAY_MAX)
				return;
			way[length++] = (struct stop){.machine = first[i].machine};
		}
		see(&way[length - 1], &first[i]);
	}
	origin = only(way, length, true);
	goal = only(way, length, false);
	for (guint i = 0; i < length; i++) {
		if (origin)
			add_exchange(list, origin, &way[i]);
		if (goal && !(origin && &way[i] == origin))
			add_exchange(list, &way[i], goal);
	}
}

GArray *exchanged_match(struct exchanged *exchanged)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct exchange));
	const struct sighting *all =
		(const struct sighting *)(const void *)exchanged->sightings->data;
	guint n = exchanged->sightings->len;

	if (n > 0)
		qsort(exchanged->sightings->data, n, sizeof(struct sighting), compare_sightings);
	for (guint begin = 0, end; begin < n; begin = end) {
		for (end = begin + 1; end < n && compare_packets(&all[begin], &all[end]) == 0;
			end++)
			;
		match(&all[begin], end - begin, list);
	}
	return list;
}
