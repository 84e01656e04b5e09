/*
 * A replay: a source and its machines on their way through a trace. It can stop at any time, make
 * checkpoints, and go back to those.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_REPLAY_H
#define LTTNGA_REPLAY_H

#include "host/replay/checkpoints.h"
#include "host/replay/machines.h"

struct replay {
	struct source *source;
	struct machines *machines;
	struct checkpoints *checkpoints; /* NULL if there are none */
	bool makes_checkpoints;          /* new ones on its way */
	bool moved;                      /* it is not at the beginning any more */
	uint32_t farther;                /* times as far as usual the next one is looked for */
	bool gave;                       /* records have come since its time was chosen */
	int64_t next_time;               /* when the next one may be made, ns; INT64_MAX: no more */
	int64_t until;                   /* records after this time are not given, ns */
	const struct record *records;    /* the batch at hand */
	size_t n, next;
	uint64_t events; /* fed so far: counted by the caller, if it wants to know */
};

enum replay_status {
	REPLAY_MORE,
	REPLAY_STOPPED, /* all records up to `until` have been given */
	REPLAY_END,
	REPLAY_FAILED
};

/* Takes over the machines, and a reference to the checkpoints (or NULL). */
void replay_init(struct replay *replay, struct source *source, struct machines *machines,
	struct checkpoints *checkpoints);
void replay_clear(struct replay *replay);

/*
 * Makes checkpoints from now on; the list must be for models with these parts. Before the first
 * batch.
 */
void replay_make_checkpoints(struct replay *replay);

/* Says at which time to stop; INT64_MAX: at the end. Not before the last record given. */
void replay_stop_at(struct replay *replay, int64_t time);

/*
 * The next batch of records, when that at hand is used up. It may be empty. They are to be fed by
 * the caller, all of them before the next batch is asked for. REPLAY_FAILED sets `error`.
 */
enum replay_status replay_next(struct replay *replay, GError **error);

/*
 * Goes to a checkpoint, or (NULL) to the beginning; stops nowhere. False with `error` if what was
 * saved is of no use: then it is at the beginning.
 */
bool replay_go(struct replay *replay, const struct checkpoint *checkpoint, GError **error);

#endif
