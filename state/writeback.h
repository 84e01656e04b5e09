/*
 * Who writes dirty pages and frees memory in the background: rounds of the flushers, runs of
 * kswapd, and threads that have to free memory themselves.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_WRITEBACK_H
#define LTTNGA_WRITEBACK_H

#include "state/context.h"
#include "state/strpool.h"

#include <stdbool.h>
#include <stdint.h>

struct state;
struct state_io;
struct record;
struct thread;
struct image;

/* NUMA nodes; larger numbers in a trace are nonsense. */
#define NODES_MAX 1024

/* Who has woken kswapd of a node that has not begun to run yet. */
struct waker {
	int64_t tid, pid, utid; /* VALUE_ABSENT if nobody */
	strid comm;
	bool woken; /* somebody has, or something */
	struct context context;
};

struct writeback_model {
	struct waker *wakers; /* by node, NULL until there is one */
};

void writeback_image(struct image *image);
void writeback_clear(struct writeback_model *model);

/* A thread (NULL: none that we know) wakes kswapd of a node, in a context that is taken over. */
void reclaim_wakeup(
	struct state *state, const struct thread *thread, struct context context, int64_t nid);

/* A thread that frees memory goes to sleep, and goes on. */
void reclaim_leave(const struct record *rec, struct thread *thread);
void reclaim_enter(const struct record *rec, struct thread *thread);

/* Who runs on the record's CPU, if that is anybody, has freed pages. */
void reclaim_count_pages(struct state *state, const struct record *rec, int64_t pages);

#endif
