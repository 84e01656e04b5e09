/*
 * The scheduler: who ran how long on which CPU, at which priority, who waited for one, and for how
 * long.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SCHED_H
#define LTTNGA_SCHED_H

#include "state/record.h"
#include "state/strpool.h"

#include <stdbool.h>
#include <stdint.h>

struct state;
struct state_io;
struct thread;

/* Why a thread left its CPU; PREV_UNKNOWN if that is not known. */
enum prev_state {
	PREV_UNKNOWN,
	PREV_RUNNABLE, /* it was preempted, or yielded */
	PREV_INTERRUPTIBLE,
	PREV_UNINTERRUPTIBLE,
	PREV_STOPPED,
	PREV_TRACED,
	PREV_DEAD,
	PREV_ZOMBIE,
	PREV_PARKED,
	PREV_IDLE, /* a kernel thread with nothing to do */
	PREV_STATES,
};

struct sched_model {
	int64_t window; /* when the window began, ns */
};

/* What the scheduler does with a thread. All zero: nothing is known. */
struct task {
	bool has_prio;
	bool woken;    /* since it ran last */
	uint8_t state; /* enum prev_state: why it does not run */
	int32_t prio;
	int64_t off;    /* when it left its CPU, ns; if `state` is known */
	int64_t wakeup; /* when it was first woken, ns; if `woken` */
	int64_t waker_tid, waker_pid;
	strid waker_comm;
};

/* What `prev_state` of sched_switch means with these versions (0: recent ones). */
enum prev_state prev_state_of(int64_t value, uint32_t kernel, uint32_t tracer);

/* What a thread does, as in sched_slice, and since when; NULL and VALUE_ABSENT if not known. */
void task_show(
	const struct state *state, const struct thread *thread, const char **name, int64_t *since);

/* Lets go what a task holds, and forgets it. */
void task_drop(struct state *state, struct task *task);

/* The slice on the record's CPU is told up to the record's time, and the next one begins. */
void sched_cut(struct state *state, const struct record *rec, const struct state_io *io);

/* From the record's time on it is not known who runs on its CPU; or, with `sees`, it is again. */
void sched_blind(struct state *state, const struct record *rec, bool sees);

/*
 * The thread is seen on the record's CPU, and was last seen on CPU `from` (CPU_UNKNOWN if nowhere):
 * where no event tells of migrations, that does.
 */
void sched_moved(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *thread, int32_t from);

/* The thread (NULL: none that we know) leaves the record's CPU. */
void sched_leave(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread);

/* The thread has got the record's CPU, coming from CPU `from` (CPU_UNKNOWN if not known). */
void sched_enter(struct state *state, const struct record *rec, const struct state_io *io,
	struct thread *thread, int32_t from);

#endif
