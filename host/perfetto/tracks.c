/*
 * Tracks that are no threads': below a title, one for each text, as many beside each other (lanes) as
 * slices overlap.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/perfetto/tracks.h"

#include "state/hash.h"

#include <glib.h>

struct lane {
	uint64_t number;
	int64_t end; /* of what is on it */
};

/* All of one text. */
struct row {
	char *name;
	GArray *lanes; /* struct lane */
	struct counter counter;
};

struct tracks {
	struct packets *packets;
	uint64_t *last;
	char *title;
	uint64_t number; /* of the title; 0: not told yet */
	struct row *own; /* without a text */
	GHashTable *rows;
	GPtrArray *order; /* the same, in the order in which they came */
};

static void free_row(gpointer data)
{
	struct row *row = data;

	if (!row)
		return;
	g_array_unref(row->lanes);
	g_free(row->name);
	g_free(row);
}

static struct row *new_row(const char *name)
{
	struct row *row = g_new0(struct row, 1);

	row->name = g_strdup(name);
	row->lanes = g_array_new(FALSE, FALSE, sizeof(struct lane));
	return row;
}

struct tracks *tracks_new(struct packets *packets, uint64_t *last, const char *title)
{
	struct tracks *tracks = g_new0(struct tracks, 1);

	tracks->packets = packets;
	tracks->last = last;
	tracks->title = g_strdup(title);
	tracks->rows = g_hash_table_new(text_hash, g_str_equal);
	tracks->order = g_ptr_array_new_with_free_func(free_row);
	return tracks;
}

void tracks_free(struct tracks *tracks)
{
	if (!tracks)
		return;
	g_hash_table_unref(tracks->rows);
	g_ptr_array_unref(tracks->order);
	free_row(tracks->own);
	g_free(tracks->title);
	g_free(tracks);
}

/* The row of a text; the title's own without one. */
static struct row *row_of(struct tracks *tracks, const char *key)
{
	struct row *row;

	if (!key) {
		if (!tracks->own)
			tracks->own = new_row(tracks->title);
		return tracks->own;
	}
	row = g_hash_table_lookup(tracks->rows, key);
	if (!row && tracks->order->len >= TRACKS_MAX) {
		key = "(others)";
		row = g_hash_table_lookup(tracks->rows, key);
	}
	if (row)
		return row;
	row = new_row(key);
	g_hash_table_insert(tracks->rows, row->name, row);
	g_ptr_array_add(tracks->order, row);
	return row;
}

/* Fills in the name of a new track, and what it stands below; returns its number. */
static uint64_t name_track(
	struct tracks *tracks, const struct row *row, struct packets_track *track)
{
	if (row != tracks->own && !tracks->number) {
		tracks->number = ++*tracks->last;
		packets_track(tracks->packets,
			&(struct packets_track){.number = tracks->number, .name = tracks->title});
	}
	track->number = ++*tracks->last;
	track->parent = row == tracks->own ? 0 : tracks->number;
	track->name = row->name;
	return track->number;
}

uint64_t tracks_lane(struct tracks *tracks, const char *key, int64_t begin, int64_t end)
{
	struct row *row = row_of(tracks, key);
	struct packets_track track = {0};
	struct lane *best = NULL, *first = NULL, new = {.end = end};

	/* The one that has been free for the shortest time: so there are no more than needed. */
	for (guint i = 0; i < row->lanes->len; i++) {
		struct lane *lane = &g_array_index(row->lanes, struct lane, i);

		if (lane->end <= begin && (!best || lane->end > best->end))
			best = lane;
		if (!first || lane->end < first->end)
			first = lane;
	}
	if (!best && row->lanes->len >= LANES_MAX)
		best = first;
	if (best) {
		best->end = end;
		return best->number;
	}
	/* Those of one name stand together. */
	new.number = name_track(tracks, row, &track);
	packets_track(tracks->packets, &track);
	g_array_append_val(row->lanes, new);
	return new.number;
}

struct counter *tracks_counter(
	struct tracks *tracks, const char *key, enum packets_unit unit, const char *unit_name)
{
	struct row *row = row_of(tracks, key);
	struct packets_track track = {.is_counter = true, .unit = unit, .unit_name = unit_name};

	if (!row->counter.number) {
		row->counter.number = name_track(tracks, row, &track);
		packets_track(tracks->packets, &track);
	}
	return &row->counter;
}

void tracks_each_counter(
	struct tracks *tracks, void (*call)(void *data, struct counter *counter), void *data)
{
	if (tracks->own && tracks->own->counter.number)
		call(data, &tracks->own->counter);
	for (guint i = 0; i < tracks->order->len; i++) {
		struct row *row = g_ptr_array_index(tracks->order, i);

		if (row->counter.number)
			call(data, &row->counter);
	}
}
