/*
 * Which threads and processes Perfetto has been told of, under which names; and their tracks. Those that
 * have ended are forgotten.
 *
 * Perfetto takes a process for another one if it is told of another parent. So those that were seen to be
 * made are told of by that alone, and then by their new names; all others by what they are.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_THREADS_H
#define LTTNGA_THREADS_H

#include "host/perfetto/cpus.h"
#include "host/perfetto/packets.h"

#include <stdint.h>

struct threads;

/* `tracks`: the number of the newest track of the machine; all of it stays the caller's. */
struct threads *threads_new(struct packets *packets, struct cpus *cpus, uint64_t *tracks);
void threads_free(struct threads *threads);

/* A thread as an event tells of it. */
struct threads_seen {
	int64_t time;         /* at which it has been that one */
	int64_t tid, pid;     /* VALUE_ABSENT if not known */
	int64_t utid;         /* a number that is never used again; VALUE_ABSENT if not known */
	const char *procname; /* NULL if not known, like ... */
	const char *process;  /* the name of its process */
};

/* A thread is made by another one; `is_thread`: it is a further one of its process. */
void threads_start(
	struct threads *threads, const struct threads_seen *seen, int64_t parent, bool is_thread);

/* A thread is woken: whether it is a new one, of which that has told. */
bool threads_wake(struct threads *threads, const struct threads_seen *seen);

/* A thread was seen: tells what is new of it. Idle CPUs (TID 0) are none. */
void threads_see(struct threads *threads, const struct threads_seen *seen);

/*
 * The number of a thread's track, which is told if it is new; 0 if it can have none: Perfetto has to know its
 * process.
 */
uint64_t threads_track(struct threads *threads, const struct threads_seen *seen);

/* A thread has left a CPU for the last time. */
void threads_end(struct threads *threads, const struct threads_seen *seen);

#endif
