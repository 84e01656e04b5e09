/*
 * The scheduler: who ran how long on which CPU, at which priority, who waited for one, and for how
 * long.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SCHED_H
#define LTTNGA_SCHED_H

#include "state/process.h"

#include <stdbool.h>
#include <stdint.h>

struct state;
struct state_io;
struct record;
struct thread;

struct sched_model {
	int64_t window; /* when the window began, ns */
};

/* What `prev_state` of sched_switch means with these versions (0: recent ones). */
enum prev_state prev_state_of(int64_t value, uint32_t kernel, uint32_t tracer);

/* The slice on the record's CPU is told up to the record's time, and the next one begins. */
void sched_cut(struct state *state, const struct record *rec, const struct state_io *io);

/* A window ends at the record's time: what CPUs and threads do is told up to there. */
void sched_cut_all(struct state *state, const struct record *rec, const struct state_io *io);

/* See state_settle() and state_unsettled(). */
void sched_settle(struct state *state, const struct record *rec, const struct state_io *io);
int64_t sched_unsettled(const struct state *state);

/* Slices in progress begin at `time` at the earliest; false if one has parts that are from before and after it. */
bool sched_enter_window(struct state *state, int64_t time);

/* A window ends: tells which threads have been woken and wait for a CPU. */
void sched_tell_open(struct state *state, const struct record *rec, const struct state_io *io);

/* From the record's time on it is not known who runs on its CPU; or, with `sees`, it is again. */
void sched_blind(struct state *state, const struct record *rec, bool sees);

/*
 * Events of the record's CPU are missing: who ran there last, and sleeps, may do anything, and so may
 * all who wait for a CPU.
 */
void sched_lose_waits(struct state *state, const struct record *rec, const struct state_io *io);

/* The thread gets a CPU, or is gone: what it did instead is over, and told. */
void sched_end_wait(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread);

/* The thread turns out to run on the record's CPU, though nobody has seen it get that. */
void sched_end_wait_unseen(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread);

/*
 * The thread is seen on the record's CPU, and was last seen on CPU `from` (CPU_UNKNOWN if nowhere):
 * where no event tells of migrations, that does.
 */
void sched_moved(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, int32_t from);

/* The thread (NULL: none that we know) leaves the record's CPU. */
void sched_leave(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread);

/* The thread that had a CPU before: TID 0 if it was idle; VALUE_ABSENT and 0 if unknown. */
struct ran {
	int64_t tid, pid;
	strid comm;
};

/* The thread has got the record's CPU, where `ran` was, coming from CPU `from` (CPU_UNKNOWN if not known). */
void sched_enter(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, int32_t from, const struct ran *ran);

#endif
