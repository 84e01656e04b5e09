/*
 * What CPUs spend their time on: user space, each system call, handlers of interrupts, the kernel's
 * own threads. The slices of sched.c, divided.
 *
 * It turns out late who had a slice, so its time is summed up by call until sched.c tells it: then
 * cpu_time_tell() tells what it consists of. All this is nothing unless WANT_CPU_TIME is.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CPU_TIME_H
#define LTTNGA_CPU_TIME_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct state;
struct state_io;
struct record;
struct thread;
struct image;

struct cpu_time_model {
	GPtrArray *cpus; /* by number, see cpu_time.c; NULL for those of which nothing is known */
};

void cpu_time_init(struct cpu_time_model *model);
void cpu_time_clear(struct cpu_time_model *model);

/*
 * An event comes: if it begins or ends something, its CPU has done what it did before until then. Call it before
 * the event is handled.
 */
void cpu_time_before(struct state *state, const struct record *rec);

/* The record's CPU has gone on with what it does until the record's time. */
void cpu_time_until(struct state *state, const struct record *rec);

/* The same where a window ends, and the slice goes on, for it is not known yet whose it is. */
void cpu_time_border(struct state *state, const struct record *rec);

/* The slice on a CPU is one that begins at `time` only; false if it is too late for that. */
bool cpu_time_begin_later(struct state *state, int32_t cpu, int64_t time);

/* Tells what a part of the slice on the record's CPU consists of: `task` ran there, or (NULL) nobody knows who. */
void cpu_time_tell(struct state *state, const struct record *rec, const struct state_io *io,
	const struct thread *task, int64_t begin, int64_t end);

/* The slice on the record's CPU has been told, and the next one begins. */
void cpu_time_next(struct state *state, const struct record *rec);

void cpu_time_image(struct image *image);

#endif
