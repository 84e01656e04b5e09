/*
 * The insides of the kernel model, shared by the files of state/: the parts it consists of, and
 * the handlers of raw events that each subsystem has.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_MODEL_H
#define LTTNGA_MODEL_H

#include "state/block.h"
#include "state/call.h"
#include "state/cpu_time.h"
#include "state/disk.h"
#include "state/fd.h"
#include "state/irq.h"
#include "state/membership.h"
#include "state/mounts.h"
#include "state/namespaces.h"
#include "state/packets.h"
#include "state/pagecache.h"
#include "state/pool.h"
#include "state/process.h"
#include "state/recording.h"
#include "state/sched.h"
#include "state/sockets.h"
#include "state/state.h"
#include "state/strpool.h"
#include "state/sync_calls.h"
#include "state/synctime.h"
#include "state/syscall.h"
#include "state/waits.h"
#include "state/writeback.h"

struct state {
	struct state_config config;
	struct strpool *strings;
	struct namespaces_model namespaces;
	struct process_model process;
	struct fd_model fd;
	struct call_model call;
	struct disk_model disk;
	struct mount_model mounts;
	struct block_model block;
	struct irq_model irq;
	struct waits_model waits;
	struct packets packets;
	struct sockets sockets;
	struct sched_model sched;
	struct cpu_time_model cpu_time;
	struct cache_model cache;
	struct sync_calls sync_calls;
	struct sync_model sync;
	struct writeback_model writeback;
};

/* A version of the kernel or the tracer, to compare with others. */
#define VERSION(major, minor, patch) ((uint32_t)(major) << 20 | (minor) << 10 | (patch))

/* Handlers take one raw event of the kind that names them (events.h). */
#define X_EVENT(event, wants, names, fields) \
	void on_##event(struct state *state, const struct record *rec, const struct state_io *io);
RAW_EVENTS(X_EVENT)
#undef X_EVENT

/* A field of the record at hand: V(rec, sched_switch, prev_tid). */
#define V(rec, event, field) ((rec)->v[F_##event##_##field])

/* Whether anyone listens to a derived event; ask before filling one. */
static inline bool emits(const struct state_io *io, enum derived_kind kind)
{
	return io->emits >> kind & 1;
}

#define EMIT(io, event, ...) \
	(io)->emit((io)->data, DERIVED_##event, &(struct derived_##event){__VA_ARGS__})

/* Where a thread is; `thread` may be NULL. */
static inline struct spot thread_spot(const struct state *state, const struct thread *thread)
{
	const struct spaces *spaces = thread ? spaces_in(&state->namespaces, thread->spaces) : NULL;

	if (!spaces)
		return (struct spot){0};
	if (spaces->n_levels > 0)
		return (struct spot){spaces->container, spaces->levels[spaces->n_levels - 1].vtid,
			spaces->levels[spaces->n_levels - 1].vpid};
	return (struct spot){spaces->container, spaces->inum[NS_PID] ? thread->tid : 0,
		spaces->inum[NS_PID] && thread->pid > 0 ? thread->pid : 0};
}

/* What derived events say of that, until it is asked for again. */
static inline const struct thread_place *place_of(
	const struct state *state, const struct thread *thread)
{
	return thread && thread->spaces ? place_of_spot(state, thread_spot(state, thread))
					: &place_unknown;
}

/* The fields that most derived events share; `thread` may be NULL. */
#define COMMON_OF(state, rec, thread)                                                       \
	.time = (rec)->time, .cpu = (rec)->cpu >= 0 ? (rec)->cpu : VALUE_ABSENT,            \
	.host = (state)->config.host, .tid = thread_tid(thread), .pid = thread_pid(thread), \
	.utid = thread_utid(thread), .upid = thread_upid(state, thread),                    \
	.procname = thread_comm(thread), .process = thread_process(state, thread),          \
	.place = *place_of(state, thread)

/* What derived events say of who woke a thread: the context, and the thread if one did. */
#define WAKER_OF(in, tid, pid, number, comm)                                                   \
	.context = context_names[(in).kind], .irq = context_irq(&(in)), .irq_name = (in).name, \
	.softirq = context_softirq(&(in)), .waker_tid = (tid), .waker_pid = (pid),             \
	.waker_utid = (number), .waker_procname = (comm)

#endif
