/*
 * Run queues: how many threads wait for each CPU. On whose queue a thread is, is in its struct task.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_RUN_QUEUE_H
#define LTTNGA_RUN_QUEUE_H

#include <stdint.h>

struct state;
struct state_io;
struct record;
struct thread;

/*
 * How long the queue of a CPU has been is told up to the record's time: before that changes. Any number may
 * be given.
 */
void run_queue_tell(
	struct state *state, const struct record *rec, const struct state_io *io, int32_t cpu);

/* The same of all CPUs: before it changes whether that is known, and where a window ends. */
void run_queues_tell(struct state *state, const struct record *rec, const struct state_io *io);

/*
 * The CPU on whose queue a thread that waits for one is put at a waking, `target` being what that tells
 * (VALUE_ABSENT: nothing): where it ran last, if that is no CPU that we know. CPU_UNKNOWN if that is not known.
 */
int32_t run_queue_choose(const struct state *state, const struct thread *thread, int64_t target);

#endif
