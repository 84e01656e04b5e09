/*
 * Locks of the kernel that threads wait for, in traces that tell of it: from where a thread finds that
 * somebody else has a lock until it gets that, or gives up. It may be interrupted meanwhile, and the
 * interrupt wait for another one.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/model.h"

#include <string.h>

/* What the kernel says of a lock. */
enum { SPIN = 1, READ = 2, WRITE = 4, RT = 8, PERCPU = 16, MUTEX = 32 };

/* What a lock is, as people call it; NULL if that is not known. */
static const char *kind_of(int64_t flags)
{
	if (flags == VALUE_ABSENT)
		return NULL;
	if (flags & MUTEX)
		return "mutex";
	if (flags & PERCPU)
		return "percpu rwsem";
	if (flags & RT)
		return flags & (READ | WRITE) ? "rt rwlock" : "rt mutex";
	if (flags & READ)
		return flags & SPIN ? "rwlock read" : "rwsem read";
	if (flags & WRITE)
		return flags & SPIN ? "rwlock write" : "rwsem write";
	return flags & SPIN ? "spinlock" : "semaphore";
}

/* The task in which an event happened, for writing; NULL if it is not known. */
static struct thread *task_at(
	struct state *state, const struct record *rec, int64_t ctx_tid, int64_t ctx_pid)
{
	const struct thread *task = task_of_event(state, rec, ctx_tid, ctx_pid);

	if (!task || task->tid == TID_UNKNOWN)
		return NULL;
	return task->tid == 0 ? thread_at(state, cpu_find(state, rec->cpu)->swapper)
			      : thread_find(state, task->tid);
}

/* The number of a lock among those that a thread waits for, or -1. */
static int find(const struct thread *thread, int64_t lock)
{
	int i = thread->n_contended - 1;

	while (i >= 0 && thread->contended[i].lock != lock)
		i--;
	return i;
}

/* The thread waits for that lock no more, nor for those that it began to wait for later. */
static void forget(struct thread *thread, int i)
{
	thread->n_contended = (uint8_t)i;
}

void on_contention_begin(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = task_at(
		state, rec, V(rec, contention_begin, ctx_tid), V(rec, contention_begin, ctx_pid));
	int64_t lock = V(rec, contention_begin, lock);
	int i = thread ? find(thread, lock) : -1;

	(void)io;
	if (!thread || lock == VALUE_ABSENT)
		return;
	/* Who has spun for a mutex in vain begins to sleep: that is told as another begin. */
	if (i >= 0 && !lost_since(state, thread->contended[i].since))
		return;
	if (i >= 0)
		forget(thread, i);
	if (thread->n_contended == CONTENDED_MAX)
		forget(thread, 0);
	thread->contended[thread->n_contended++] = (struct contended){
		.lock = lock, .since = rec->time, .flags = V(rec, contention_begin, flags)};
}

void on_contention_end(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = task_at(
		state, rec, V(rec, contention_end, ctx_tid), V(rec, contention_end, ctx_pid));
	int64_t ret = V(rec, contention_end, ret);
	int i = thread ? find(thread, V(rec, contention_end, lock)) : -1;
	struct contended of;
	strid name;

	/* Locks that nobody else had are acquired, too. */
	if (i < 0)
		return;
	of = thread->contended[i];
	forget(thread, i);
	if (lost_since(state, of.since) || !emits(io, DERIVED_contention))
		return;
	name = strpool_intern(state->strings, record_string(io->get, rec, F_contention_end_name));
	EMIT(io, contention, COMMON_OF(state, rec, thread), .begin = of.since,
		.duration = time_span(of.since, rec->time), .lock = of.lock, .name = name,
		.kind = kind_of(of.flags), .error = ret == VALUE_ABSENT || ret >= 0 ? 0 : -ret);
	strpool_unref(state->strings, name);
}
