/*
 * What the objects of a timeline share.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_TIMELINE_PRIVATE_H
#define LTTNGA_TIMELINE_PRIVATE_H

#include "host/perfetto/cpus.h"
#include "host/perfetto/packets.h"
#include "host/perfetto/threads.h"
#include "host/perfetto/tracks.h"

#include <lauxlib.h>

/* A file that timelines of machines are written to. */
struct timeline_file {
	struct sink *sink; /* NULL once it is closed */
};

/* The timeline of a machine. Its objects keep it alive, and it its file. */
struct timeline {
	struct timeline_file *file;
	struct packets *packets;
	struct cpus *cpus;
	struct threads *threads;
	uint64_t tracks;     /* number of the newest one */
	int64_t end;         /* when it ends, once that is known */
	GPtrArray *counters; /* what timeline_end_counters() ends; borrowed */
};

/* The user value of an object of a timeline that keeps that alive. */
enum { TIMELINE_KEPT = 1 };

/* The timeline at a stack index; raises an error if there is none. */
struct timeline *timeline_check(lua_State *L, int index);

/* Raises the error that the file can't be written, if so. */
void timeline_check_written(lua_State *L, const struct timeline *timeline);

/* Methods of timelines: new objects that a `collect` feeds. */
int timeline_kernel(lua_State *L);
int timeline_slices(lua_State *L);
int timeline_counter(lua_State *L);

/* No more will come for the counters of a timeline: what they have held back is told. */
void timeline_end_counters(struct timeline *timeline);

#endif
