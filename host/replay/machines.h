/*
 * The machines that a source tells of, each with a kernel model: made, bound to the source's
 * classes, and fed with its records.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_MACHINES_H
#define LTTNGA_MACHINES_H

#include "host/source/source.h"
#include "state/codec.h"
#include "state/state.h"

#include <glib.h>

/* Where the records of a stream go: to the model of its machine. */
struct route {
	struct state *state;
	guint machine; /* its number */
	int64_t begin; /* what happened before is not told */
	bool side;     /* context switches are in other streams of its CPU */
	bool user;     /* it is of user space: the model gets nothing of it */
};

struct machines {
	struct source *source;
	GArray *all;       /* struct machine, see machines.c */
	GArray *routes;    /* struct route, by number of the stream */
	struct wire *wire; /* packets between them; NULL: that is not followed */
	struct state_io io;
	int64_t begin; /* what happened before is not told */
	guint at;      /* number of the machine whose model is telling something */
};

/*
 * Makes the machines of a source, whose models keep the parts `wants` (enum want); nothing that is
 * before `begin` will be told. `emit` is called for derived events with `data`. Free it with
 * machines_free(); the source stays the caller's.
 */
struct machines *machines_new(struct source *source, unsigned int wants, int64_t begin,
	void (*emit)(void *data, enum derived_kind kind, const void *event), void *data);
void machines_free(struct machines *machines);

/* Binds what their models want of a class; before anything else is bound of it. */
void machines_bind(struct machines *machines, unsigned int class_no);

/* There are more streams than there were: their records go where those of their traces do. */
void machines_grow(struct machines *machines);

/* Makes the models as empty as they were before the first record. */
void machines_reset(struct machines *machines);

/* How many machines the traces of a source are of, as far as is known. */
guint machines_count(const struct source *source);

/* How many machines there are; the model of one, which one a class is of, and what one is called. */
guint machines_n(const struct machines *machines);
struct state *machines_state(const struct machines *machines, guint i);
guint machines_of_class(const struct machines *machines, unsigned int class_no);
const char *machines_name(
	const struct machines *machines, guint i); /* NULL if not known; a second one: "web (2)" */

/* Where the records of a stream go. */
static inline const struct route *machines_route(const struct machines *machines, uint32_t stream)
{
	return &g_array_index(machines->routes, struct route, stream);
}

/*
 * Feeds a record that has a kind to where its stream's go; events in `emits` (bits by enum
 * derived_kind) are told.
 */
void machines_feed(struct machines *machines, const struct route *route, const struct record *rec,
	uint64_t emits);

/*
 * The first window begins at `time`: of what was before, only what is still so is told. `emits` has bits
 * as above, by number of the machine.
 */
void machines_begin_window(struct machines *machines, int64_t time, const uint64_t *emits);

/* All models are in the window that began at `time`: see state_enter_window(). */
bool machines_enter_window(struct machines *machines, int64_t time);

/* A window ends at `time`: see state_cut(), state_settle(), state_unsettled(). */
void machines_cut(struct machines *machines, int64_t time, const uint64_t *emits);
void machines_settle(struct machines *machines, int64_t time, const uint64_t *emits);
int64_t machines_unsettled(const struct machines *machines);

/*
 * Writes what the models hold, and makes empty ones hold what is read. False, with the codec's
 * reason, if that makes no sense: then they are good for machines_reset() and machines_free() only.
 */
void machines_save(const struct machines *machines, struct codec *codec);
bool machines_load(struct machines *machines, struct codec *codec);

#endif
