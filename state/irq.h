/*
 * Interrupts: handlers that run on each CPU, nested as they interrupt each other, and softirqs from
 * raise to exit.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_IRQ_H
#define LTTNGA_IRQ_H

#include "state/cause.h"
#include "state/context.h"
#include "state/pool.h"
#include "state/record.h"
#include "state/strpool.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct state;
struct state_io;
struct thread;
struct event_want;
struct image;

struct irq_model {
	GArray *cpus; /* by number: index of its struct irq_cpu in the pool, 0 for none yet */
	struct pool pool;
	GPtrArray *vectors; /* names of x86 vectors (interned), by the `sub` of their records */
};

void irq_init(struct irq_model *model);
void irq_clear(struct irq_model *model);

/* Events of a CPU are missing: what was in progress there is forgotten. */
void irq_lose_cpu(struct state *state, int32_t cpu);

/* The record's CPU goes from the task with this TID to another one: no hard interrupt is handled. */
void irq_switch(struct state *state, const struct record *rec, int64_t prev_tid);

/* The task that runs on the record's CPU does what no handler does: none is in progress there. */
void irq_thread_acts(struct state *state, const struct record *rec);

/*
 * In what context an event happened, `*task` being who runs on the record's CPU (task_of_event()).
 * If a handler did it, or that can't be told, `*task` becomes NULL; but where the trace lacks the
 * events of some kind of handlers (no_irqs and the like in struct state_config), it stays, and the context
 * is not known. The context's name is the caller's: context_drop().
 */
struct context irq_context(
	struct state *state, const struct record *rec, const struct thread **task);

/*
 * Where the model keeps what the innermost handler on the record's CPU has just done, or its task if none runs; it
 * is forgotten when that ends. NULL if no causes are wanted, or the CPU is not known.
 */
struct deed *irq_deed(struct state *state, const struct record *rec);

/* The task on the record's CPU goes on to something else: what it has done until now ends no more waits. */
void irq_forget_task(struct state *state, const struct record *rec);

/*
 * What is innermost on a CPU of the handlers that have begun since then: CONTEXT_UNKNOWN if none is in progress.
 */
enum context_kind irq_innermost(const struct state *state, int32_t cpu, int64_t since);

/*
 * Whether the task on the record's CPU is known to act by itself, for it has made a call since events were missing
 * there, and no handler runs whose entry was seen.
 */
bool irq_task_acts(struct state *state, const struct record *rec);

/*
 * The interrupt on the record's CPU that wakes this thread, if it has returned just before and that is its own; else
 * of kind CONTEXT_UNKNOWN. The name is the caller's.
 */
struct context irq_threaded(
	struct state *state, const struct record *rec, const struct thread *woken);

/*
 * Whether `name` is an entry or exit event of an x86 interrupt vector, and what the model wants of
 * it.
 */
bool irq_want(struct state *state, const char *name, struct event_want *want);

/* A window ends at the record's time: tells which handlers have not returned. */
void irq_tell_open(struct state *state, const struct record *rec, const struct state_io *io);

void irq_image(struct image *image);

#endif
