/*
 * Requests of one machine: events begin them and end them, as a plan says, and what has ended is told as
 * derived events (request_end, request_open, request_part).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_MATCHER_H
#define LTTNGA_MATCHER_H

#include "host/requests/plan.h"

struct matcher;

/*
 * Makes a matcher for machine `machine` (from 0); the plan and the model stay the caller's. `emit` is called for
 * what is told, with `data`; `emits` has a bit for each kind that is wanted.
 */
struct matcher *matcher_new(const struct plan *plan, guint machine, struct state *state,
	void (*emit)(void *data, enum derived_kind kind, const void *event), void *data,
	uint64_t emits);
void matcher_free(struct matcher *matcher);

/* Takes a raw event, before the model does; or a derived one. */
void matcher_record(struct matcher *matcher, const struct source *source, const struct record *rec);
void matcher_derived(struct matcher *matcher, enum derived_kind kind, const void *values);

/*
 * Of what is given, takes in what begins up to `time` and tells what ends until then; the model has been fed all that
 * was before. What began before `first`, when the first window began, is left out. Returns when there is more to
 * do: INT64_MAX, never.
 */
int64_t matcher_pass(struct matcher *matcher, int64_t first, int64_t time);

/* What has become of what is given. */
struct given_counts matcher_given(const struct matcher *matcher);

/* A window ends: tells what has ended, though it could still get longer. */
void matcher_turn(struct matcher *matcher);

/* Nothing more will come: tells what is still open at `time`. */
void matcher_end(struct matcher *matcher, int64_t time);

/* How many requests were left out, since there were too many open ones. */
int64_t matcher_refused(const struct matcher *matcher);

#endif
