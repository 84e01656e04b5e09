/*
 * Who syncs what: the calls in progress that are followed, because they write files or sync them,
 * and what is known of each. What their time goes to is found out in synctime.c.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SYNC_CALLS_H
#define LTTNGA_SYNC_CALLS_H

#include "state/pool.h"
#include "state/record.h"
#include "state/strpool.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct state;
struct image;

/*
 * How many calls are told at once what disks do, the earliest ones. Others find out what they have
 * waited for when they wake up; more than this are in none but hostile traces.
 */
#define SYNC_CALLS_MAX 4096

/* What the time of a call is divided into. */
enum sync_part {
	SYNC_CPU,       /* it ran */
	SYNC_RUNNABLE,  /* it could have run */
	SYNC_DATA,      /* its own data was on the way to the disk */
	SYNC_JOURNAL,   /* the file system wrote its journal */
	SYNC_FLUSH,     /* the disk wrote its cache */
	SYNC_OTHERS,    /* the disk worked for others */
	SYNC_THROTTLED, /* it was made to wait for having written too much */
	SYNC_REST,      /* it waited, and nothing of that was going on */
	SYNC_PARTS,
};

/* A call that is followed. */
struct sync_call {
	uint64_t serial;
	int32_t tid;          /* whose call it is; below 0 if nobody knows */
	uint8_t doing;        /* SYNC_CPU, SYNC_RUNNABLE; SYNC_REST: it sleeps */
	bool throttled;       /* the next sleep, or this one, is that */
	bool syncs;           /* it does nothing else (IO_SYNC) */
	bool everything;      /* it writes whatever is dirty (sync), or all of a device (syncfs) */
	bool everywhere;      /* it does so on all disks (sync): it has none of its own */
	bool kswapd;          /* it has woken kswapd */
	int64_t since;        /* when what it does began, or was last accounted for, ns */
	int64_t asleep_since; /* when the sleep in progress began, ns */
	int64_t dev;    /* the disk that it writes to, VALUE_ABSENT if not known yet, or if all */
	int64_t cached; /* the device of the dirty pages that it is about, VALUE_ABSENT if not known */
	strid path;     /* the file that it is about */
	strid journal; /* name of the thread that wrote the journal */
	int64_t parts[SYNC_PARTS];
	int64_t asleep[SYNC_PARTS]; /* of the sleep in progress */
	uint32_t own;               /* its requests in flight */
	int64_t data_requests, data_size;
	int64_t journal_requests, journal_size;
	int64_t flushes;
	int64_t alloc, freed;                               /* pages, by the thread itself */
	int64_t alloc_before, freed_before, flushed_before; /* of all, when the call began */
};

struct sync_calls {
	struct pool calls; /* struct sync_call */
	GArray *active; /* uint32_t: their numbers, in the order in which they began, SYNC_CALLS_MAX at most */
	uint64_t serial; /* of the newest call */
};

void sync_calls_init(struct sync_calls *model);
void sync_calls_clear(struct sync_calls *model);

/* The call with this number, which must be one that is followed, or that was once. */
struct sync_call *sync_call_at(const struct state *state, uint32_t index);

/* A new call is followed, of the thread with this TID; returns its number. */
uint32_t sync_call_new(struct state *state, int32_t tid);

/* A call (0: none) is over, or given up: it is not followed any more. */
void sync_call_drop(struct state *state, uint32_t index);

/* It turns out that a call (0: none) is that of the thread with this TID. */
void sync_call_move(struct state *state, uint32_t index, int32_t tid);

/* Whether a call is about what a disk does, as far as that is known. */
static inline bool sync_call_is_on(const struct sync_call *call, int64_t dev)
{
	return call->dev == VALUE_ABSENT || call->dev == dev;
}

/* A request of a call goes to a disk. */
void sync_call_writes(struct sync_call *call, int64_t dev);

/*
 * Whether a call writes everything that is dirty on this disk, which for the file system is the
 * device `upper` (the disk itself, or a partition of it).
 */
bool sync_call_takes_all(const struct sync_call *call, int64_t dev, int64_t upper);

/*
 * The TID of the thread whose call a write is for that somebody else submits: one that syncs this
 * file, or everything on the device. VALUE_ABSENT if there is none.
 */
int64_t sync_asked(const struct state *state, int64_t dev, int64_t upper, strid path);

void sync_calls_image(struct image *image);

#endif
