/*
 * Where the time of a call went that writes files or syncs them: what it waited for, and what went
 * on in the page cache meanwhile. The calls themselves are in sync_calls.h.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SYNCTIME_H
#define LTTNGA_SYNCTIME_H

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
struct image;

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

struct sync_model {
	GHashTable *loads;    /* dev -> struct device_load */
	uint32_t n[LOADS];    /* of all devices */
	uint64_t epoch;       /* grows when it is no longer known what is in flight */
	GArray *flushes;      /* int64_t: the device of each cache flush in flight */
	int64_t alloc, freed; /* pages so far */
};

void sync_init(struct sync_model *model);
void sync_clear(struct sync_model *model);

/* The thread's call begins; it is followed if it can write to a disk. */
void sync_follow(struct state *state, const struct record *rec, struct thread *thread,
	const struct syscall_row *row);

/* The thread's call is over: tells where its time went. */
void sync_end(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, const struct outcome *out);

/* A window ends at the record's time: tells of calls in progress where their time has gone so far. */
void sync_tell_open(struct state *state, const struct record *rec, const struct state_io *io);

/*
 * The thread leaves its CPU (`sleeps`: to wait for something), is woken (by the thread of that name;
 * NULL: by none, or it is not known), gets a CPU.
 */
void sync_leave(
	struct state *state, const struct record *rec, const struct thread *thread, bool sleeps);
void sync_wake(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, const char *waker);
void sync_enter(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread);

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

void sync_image(struct image *image);

#endif
