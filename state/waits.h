/*
 * Causes: why a thread was woken. That follows from the context of the waking, from what that context
 * has just done (a disk request has completed there, a packet was received), and from what the
 * sleeper had asked for.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_WAITS_H
#define LTTNGA_WAITS_H

#include "state/cause.h"
#include "state/context.h"
#include "state/process.h"

#include <glib.h>
#include <stdint.h>

struct state;
struct record;
struct thread;
struct request;
struct packet;
struct remote;
struct image;

/* Who has asked for a flush of a disk's cache, or for a request behind which there is one. All zero: nobody. */
struct flush_asked {
	int64_t dev, sector;
	struct source source;
};

/* So many are remembered. */
#define FLUSHES 32

struct waits_model {
	GHashTable *works; /* address of a work item that is queued -> its struct work */
	struct flush_asked flushes[FLUSHES];
	uint32_t next_flush; /* that will be overwritten */
};

void waits_init(struct waits_model *model);
void waits_clear(struct state *state);

/*
 * The record's CPU receives a packet, through that interface and from that peer (0: not known; the texts stay the
 * caller's). `sent` is what is known of it since it was sent on this machine; NULL if it comes from another one.
 * `remote` is who has sent it there.
 */
void waits_packet(struct state *state, const struct record *rec, strid netif, strid peer,
	const struct packet *sent, const struct remote *remote);

/* A thread (NULL: not known) asks a disk for sectors; none: to write its cache. */
void waits_issue(struct state *state, const struct record *rec, struct thread *thread, int64_t dev,
	int64_t sector, int64_t nr_sector);

/*
 * A request of a disk has completed: which one, NULL if it had no data, or its issue was not seen. With
 * `flushes` the same will come once more, without data, when the disk has written its cache.
 */
void waits_complete(struct state *state, const struct record *rec, int64_t dev, int64_t sector,
	const struct request *request, bool flushes);

/* The thread enters a call; it leaves the one that it is in. */
void waits_enter(struct state *state, const struct record *rec, struct thread *thread);
void waits_leave(struct state *state, const struct record *rec, struct thread *thread);

/*
 * Why a thread that sleeps so, or is about to, is woken by the record's event, in a context, `waker` being the thread that does it (NULL: none,
 * or not known). With references to texts: cause_drop().
 */
struct cause waits_cause(struct state *state, const struct record *rec, const struct thread *thread,
	enum prev_state sleeps, const struct thread *waker, const struct context *context);

/* The thread (of the kernel's) has been woken for that reason: what it does now, it does because of that. */
void waits_ended(struct state *state, const struct record *rec, struct thread *thread,
	const struct cause *cause);

void waits_image(struct image *image);

#endif
