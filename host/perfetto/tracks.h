/*
 * Tracks that are no threads': below a title, one for each text, as many beside each other (lanes) as
 * slices overlap.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_TRACKS_H
#define LTTNGA_TRACKS_H

#include "host/perfetto/packets.h"

#include <stdint.h>

/* So many tracks are below one title; what is more goes on one that they share. */
#define TRACKS_MAX 4096

/* So many lanes each has at most: what is more is drawn over what is there. */
#define LANES_MAX 1024

struct tracks;

/* `last`: the number of the newest track of the machine; it and the packets stay the caller's. */
struct tracks *tracks_new(struct packets *packets, uint64_t *last, const char *title);
void tracks_free(struct tracks *tracks);

/*
 * The number of a track for a slice, below the title: of the text `key`, or (NULL) the title's own. Slices
 * come in the order of their ends; those that go on for ever end at INT64_MAX.
 */
uint64_t tracks_lane(struct tracks *tracks, const char *key, int64_t begin, int64_t end);

/* A counter below the title. */
struct counter {
	uint64_t number; /* of its track */
	/* The rest is the caller's, all 0 in the beginning: */
	int64_t value;
	int64_t first; /* the time of the first value */
	int64_t since; /* the time of the last value that was told, or where an interval begins */
	int64_t held;  /* the time of one that was not told yet, if it is held */
	bool is_told, is_held; /* whether there are such ones */
};

/* The counter of the text `key`, or (NULL) the title's own; it stays where it is. */
struct counter *tracks_counter(
	struct tracks *tracks, const char *key, enum packets_unit unit, const char *unit_name);

/* Calls a function for each counter. */
void tracks_each_counter(
	struct tracks *tracks, void (*call)(void *data, struct counter *counter), void *data);

#endif
