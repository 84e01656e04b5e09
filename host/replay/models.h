/*
 * The kernel models of all machines that a source tells of: made, bound to the source's classes,
 * and fed with its records.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_MODELS_H
#define LTTNGA_MODELS_H

#include "host/source/source.h"
#include "state/state.h"

#include <glib.h>

/* Where the records of a stream go. */
struct channel {
	struct state *state;
	int64_t begin; /* what happened before is not told */
	bool side;     /* context switches are in other streams of its CPU */
};

struct models {
	struct source *source;
	GArray *hosts;    /* struct host, see models.c */
	GArray *host_of;  /* guint: by number of the trace */
	GArray *channels; /* struct channel, by number of the stream */
	struct state_io io;
	struct state *state; /* the one that is being fed */
};

/*
 * Makes the models of a source, which keep the parts `wants` (enum want); nothing that is before
 * `begin` will be told. `emit` is called for derived events with `data`. Free it with
 * models_free(); the source stays the caller's.
 */
struct models *models_new(struct source *source, unsigned int wants, int64_t begin,
	void (*emit)(void *data, enum derived_kind kind, const void *event), void *data);
void models_free(struct models *models);

/* Binds what the models want of a class; before anything else is bound of it. */
void models_bind(struct models *models, unsigned int class_no);

/* Makes them as empty as they were before the first record. */
void models_reset(struct models *models);

/* How many machines the traces of a source are of, as far as is known. */
guint models_count_hosts(struct source *source);

/* How many machines there are, and their models. */
guint models_n_hosts(const struct models *models);
struct state *models_host(const struct models *models, guint i);
const char *models_host_name(const struct models *models, guint i); /* NULL if not known */

/* Where the records of a stream go. */
static inline const struct channel *models_channel(const struct models *models, uint32_t stream)
{
	return &g_array_index(models->channels, struct channel, stream);
}

/*
 * Feeds a record that has a kind to where its stream's go; events in `emits` (bits by enum
 * derived_kind) are told.
 */
void models_feed(struct models *models, const struct channel *channel, const struct record *rec,
	uint32_t emits);

/* A window ends at `time`: what goes on beyond it is told up to there. */
void models_cut(struct models *models, int64_t time, uint32_t emits);

/*
 * Writes what the models hold, and makes empty ones hold what is read. False, with the archive's
 * reason, if that makes no sense: then they are good for models_reset() and models_free() only.
 */
struct archive;
void models_save(const struct models *models, struct archive *archive);
bool models_load(struct models *models, struct archive *archive);

#endif
