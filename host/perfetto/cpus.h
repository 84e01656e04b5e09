/*
 * What CPUs do, as Perfetto reads it from ftrace: who runs, who is woken, interrupts. Events of each CPU
 * are gathered in bundles; each CPU has its own.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CPUS_H
#define LTTNGA_CPUS_H

#include "host/perfetto/packets.h"
#include "state/process.h"

#include <stdbool.h>
#include <stdint.h>

struct cpus;

/* CPUs from this number on are not shown: Perfetto takes no more. */
#define CPUS_MAX 1024

/*
 * Threads with TIDs from here on, one for each CPU, stand for whoever has run there: Perfetto has no other
 * way to show that this is not known.
 */
#define TID_OF_UNKNOWN (INT64_C(1) << 30)

/*
 * CPUs of the machine whose packets these are, which must stay until they are freed. `kernel`: its version
 * (state_version()), 0 if not known. `compact`: as small as possible, else an event for each thing.
 */
struct cpus *cpus_new(struct packets *packets, uint32_t kernel, bool compact);
void cpus_free(struct cpus *cpus);

/* A thread has run; slices of one CPU come in order, and follow upon each other. */
struct cpus_slice {
	int64_t cpu;
	int64_t begin;
	int64_t tid;  /* 0: it was idle; VALUE_ABSENT: it is not known who ran */
	int64_t prio; /* as in derived.h; VALUE_ABSENT if not known */
	const char *comm;
	enum prev_state state; /* why it left */
};
void cpus_slice(struct cpus *cpus, const struct cpus_slice *slice);

/* A thread is woken. */
struct cpus_waking {
	int64_t cpu; /* where that is done, */
	int64_t time;
	enum context_kind context; /* and by what; */
	int64_t waker;             /* by which thread: TID, VALUE_ABSENT if that is not known */
	bool by_current;           /* whoever runs on that CPU does it, or is interrupted there */
	int64_t tid;
	int64_t prio;
	int64_t target_cpu;
	const char *comm;
};
void cpus_waking(struct cpus *cpus, const struct cpus_waking *waking);

/* The handler of an interrupt, or softirq, has run; `time` is VALUE_ABSENT if it has not returned yet. */
struct cpus_handler {
	int64_t cpu;
	int64_t begin, time;
	int64_t number; /* of the interrupt, or softirq */
	int64_t tid;    /* of who was interrupted; or VALUE_ABSENT */
	const char *name;
	int64_t ret; /* of an interrupt */
};
void cpus_irq(struct cpus *cpus, const struct cpus_handler *irq);
void cpus_softirq(struct cpus *cpus, const struct cpus_handler *softirq);

/* A thread is made by another one; `is_thread`: it is a further one of that process. */
void cpus_newtask(struct cpus *cpus, int64_t time, int64_t parent, int64_t tid, const char *comm,
	bool is_thread);

/* A thread that was made so gets another name. */
void cpus_rename(struct cpus *cpus, int64_t time, int64_t tid, const char *from, const char *to);

/* A thread is gone: its TID may be given to another one. */
void cpus_freetask(struct cpus *cpus, int64_t time, int64_t tid, const char *comm);

/* Writes what is gathered. */
void cpus_flush(struct cpus *cpus);

#endif
