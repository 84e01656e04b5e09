/*
 * What was recorded, and what was not.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_RECORDING_H
#define LTTNGA_RECORDING_H

struct state;
struct state_io;
struct record;

/* What was not recorded up to the record's time is taken into account: before a window ends there. */
void recording_cut(struct state *state, const struct record *rec, const struct state_io *io);

/* The first event comes since recording began, or was stopped. */
void recording_begin(struct state *state, const struct record *rec, const struct state_io *io);

#endif
