/*
 * The critical path of a thread between two times: for each moment, who kept it from being further on. As
 * long as it runs, or waits for a CPU, that is the thread itself; while it sleeps, it is what it waited
 * for: a thread that woke it, what that one waited for meanwhile, and so on.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CRITICAL_PATH_H
#define LTTNGA_CRITICAL_PATH_H

#include "host/accumulate/graph.h"

enum piece_state {
	PIECE_RUNNING,
	PIECE_RUNNABLE,  /* woken, and waits for a CPU */
	PIECE_PREEMPTED, /* has lost its CPU, and waits for one */
	PIECE_WAITS,     /* for the cause of its manner, which is no thread, or in flight */
	PIECE_UNKNOWN
};

/* A piece of a path. */
struct piece {
	int64_t begin, end;
	item thread;   /* whose piece it is; 0: of one of which nothing is known */
	item manner;   /* how it waits (PIECE_WAITS) */
	item reason;   /* manner of the wait that was followed to this thread; 0: none was */
	int32_t cpu;   /* that it runs on, or waits for; below 0: none, or not known */
	uint8_t state; /* enum piece_state */
	bool asleep;   /* a sleep that has not ended, as far as is known */
};

/*
 * The pieces of the path of a thread (0: of one that is not known) from one time to another, the first
 * one first: an array of struct piece, which is the caller's. Each one begins where the one before it ends;
 * they are exactly the time that was asked for (none if that is empty). No two neighbours are equal but for
 * their times.
 *
 * A sleep at the end is followed to what ended it later, if that is known. Where a chain of waits is longer
 * than 65,536, or goes round in a circle at one moment, it is not followed any further.
 */
GArray *critical_path(struct graph *graph, item thread, int64_t begin, int64_t end);

#endif
