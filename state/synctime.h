/*
 * Where the time of a call went that writes files or syncs them: what it waited for, and what went
 * on in the page cache meanwhile.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SYNCTIME_H
#define LTTNGA_SYNCTIME_H

#include "state/pool.h"
#include "state/strpool.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct state;
struct state_io;
struct record;
struct thread;
struct request;
struct outcome;
struct syscall_row;
struct call;

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

/* What a disk does. */
enum load {
	LOAD_DATA, /* for calls that are followed */
	LOAD_JOURNAL,
	LOAD_FLUSH,
	LOAD_OTHER,
	LOADS,
};

/* Requests in flight on one device. */
struct device_load {
	int64_t dev;
	uint32_t n[LOADS];
};

/* A call that is followed. */
struct sync_call {
	uint64_t serial;
	uint32_t thread; /* its TID */
	uint8_t doing;   /* SYNC_CPU, SYNC_RUNNABLE; SYNC_REST: it sleeps */
	bool throttled;  /* the next sleep, or this one, is that */
	bool everything; /* it writes whatever is dirty (sync), or all of a device (syncfs) */
	bool kswapd;     /* it has woken kswapd */
	int64_t since;   /* when what it does began, or was last accounted for, ns */
	int64_t dev;     /* the disk that it writes to, VALUE_ABSENT if not known yet */
	int64_t cached;  /* the device of the dirty pages that it is about, likewise */
	strid path;      /* the file that it is about */
	strid journal;   /* name of the thread that wrote the journal */
	int64_t parts[SYNC_PARTS];
	int64_t asleep[SYNC_PARTS]; /* of the sleep in progress */
	uint32_t own;               /* its requests in flight */
	int64_t data_requests, data_size;
	int64_t journal_requests, journal_size;
	int64_t flushes;
	int64_t alloc, freed;                               /* pages, by the thread itself */
	int64_t alloc_before, freed_before, flushed_before; /* of all, when the call began */
};

struct sync_model {
	struct pool calls;    /* struct sync_call */
	GArray *active;       /* uint32_t: their numbers */
	GHashTable *loads;    /* dev -> struct device_load */
	uint32_t n[LOADS];    /* of all devices */
	uint64_t serial;      /* of the newest call */
	uint64_t epoch;       /* grows when it is no longer known what is in flight */
	GArray *flushes;      /* int64_t: the device of each cache flush in flight */
	int64_t alloc, freed; /* pages so far */
};

void sync_init(struct sync_model *model);
void sync_clear(struct sync_model *model);

/* The thread's call begins; it is followed if it can write to a disk. */
void sync_follow(struct state *state, const struct record *rec, struct thread *thread,
	const struct syscall_row *row);

/* A call is over, or given up: it is not followed any more. */
void sync_drop(struct state *state, struct call *of);

/* The thread's call is over: tells where its time went. */
void sync_end(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct outcome *out);

/* It turns out that the call is this thread's. */
void sync_move(struct state *state, const struct thread *thread);

/* The thread leaves its CPU (`sleeps`: to wait for something), is woken by another, gets a CPU. */
void sync_leave(
	struct state *state, const struct record *rec, const struct thread *thread, bool sleeps);
void sync_wake(struct state *state, const struct record *rec, const struct thread *thread,
	const struct thread *waker);
void sync_enter(struct state *state, const struct record *rec, const struct thread *thread);

/*
 * The thread whose call a write is for that somebody else submits: one that syncs this file, or
 * everything on the device. NULL if there is none.
 */
const struct thread *sync_asked(const struct state *state, int64_t dev, strid path);

/* The device that the call with this number is about, VALUE_ABSENT if that is not known. */
int64_t sync_device(const struct state *state, uint32_t call);

/* A request goes to its disk. */
void sync_issue(struct state *state, const struct record *rec, const struct state_io *io,
	struct request *request, const struct thread *issuer);

/* It is done, or given up. */
void sync_complete(struct state *state, const struct record *rec, const struct request *request);

/* A disk is asked to write its cache; it has done so. */
void sync_flush_begin(struct state *state, const struct record *rec, int64_t dev);
void sync_flush_end(struct state *state, const struct record *rec, int64_t dev);

/* Events are missing: which requests are still in flight is not known. */
void sync_forget_requests(struct state *state, const struct record *rec);

/* Pages were allocated, or freed, by a thread (or NULL). */
void sync_count_pages(
	struct state *state, const struct thread *thread, int64_t pages, bool allocated);

#endif
