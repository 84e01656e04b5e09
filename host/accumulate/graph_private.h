/*
 * What a graph is made of, for those who walk along it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_GRAPH_PRIVATE_H
#define LTTNGA_GRAPH_PRIVATE_H

#include "host/accumulate/graph.h"

#include <string.h>

/*
 * A turn of a thread: it waited, then it was on the queue of a CPU, then it ran. Each of these can take no
 * time; the wait begins where the thread's previous turn ends.
 */
struct turn {
	int64_t end;
	item previous; /* turn of the thread; 0: none */
	item jump;     /* an earlier one, see graph.c */
	item thread;
	item manner;       /* how it waited */
	uint32_t source;   /* a thread, when the wait ended; with TURN_TRANSIT: a struct transit */
	uint8_t ran[5];    /* ns; with TURN_LONG: number of a struct lengths */
	uint8_t queued[5]; /* ns */
	uint16_t flags;
};

G_STATIC_ASSERT(sizeof(struct turn) == 40);

/* In `source`: no numbers of items have this bit. */
#define TURN_TRANSIT ITEM_MAX

enum {
	TURN_SLEPT = 1,     /* the wait is one of which the model knows, */
	TURN_WOKEN = 2,     /* and that has ended by a waking */
	TURN_PREEMPTED = 4, /* it was on the queue because it had lost its CPU */
	TURN_LONG = 8,      /* see `ran` */
	TURN_ARRIVED = 16   /* it did not wait, but `source` made possible what it does */
};

/* With whom a path goes on, at another time than that of the waking. */
struct transit {
	int64_t time;
	item thread;
	uint32_t unused;
};

/* Times that are too long for a turn. */
struct lengths {
	int64_t ran, queued;
};

/* A thread. */
struct lane {
	int64_t utid;
	int32_t tid, pid;
	int64_t first, until; /* what is known of it is between these */
	bool exited;
	uint64_t name; /* identity of its name */
	item names;    /* its last name; 0: none */
	uint32_t n_names;
	item process; /* text: what its process is called; 0: not known */
	item last;    /* its last turn that is complete, or may go on */
	item parent;  /* who has made it, at `first`; 0: not known */
	item arrival; /* source of what it will do from a time on, and how that was on its way */
	item arrival_manner;
	int64_t arrival_time;
	uint64_t terms; /* see graph.c */
	bool twice;
	bool known;   /* `first` and `until` are */
	bool is_open; /* it has begun a turn, and not run in it yet: */
	struct turn open;
	/* For who walks along the graph: */
	uint64_t query;   /* what the others are of; see lane_ask() */
	item near;        /* turn that was looked at last; 0: none was */
	uint32_t frame;   /* place of the frame that has followed its last wait, */
	int64_t followed; /* and when that ended */
	int64_t sum;
};

/* When the parts of a turn begin, that of its wait being the first. */
struct turn_times {
	int64_t begin, queued, ran;
};

struct graph {
	struct chunks chunks;
	struct chunk_row lanes;
	struct chunk_row facts;    /* names, manners and texts: of 16 bytes */
	struct chunk_row transits; /* these and lengths: likewise */
	struct chunk_row waits;    /* turns that are of no CPU */
	GArray *cpus;              /* struct cpu_row, by number */
	struct item_table *by_utid, *texts, *manners;
	GPtrArray *causes; /* const char *; the first one is none */
	int64_t before;    /* nobody asks for what was earlier */
	bool arrivals;     /* some turns have arrived */
	uint64_t query;    /* of who walks: they count */
};

static inline struct lane *graph_lane(struct graph *graph, item thread)
{
	return chunks_at(&graph->chunks, thread);
}

/* The lengths of a turn's last parts. */
struct lengths turn_lengths(struct graph *graph, const struct turn *turn);

struct turn_times turn_times(struct graph *graph, const struct lane *lane, const struct turn *turn);

/* The CPU on which a turn ran; below 0: not known. */
int32_t turn_cpu(const struct graph *graph, item number);

/*
 * The first turn of a lane that ends at `time` or later; 0 if nothing is known of then, or it is the one
 * that is open: `*open` says so. It is looked for from `near` on, if that is a turn that does not end before.
 */
item lane_turn_at(
	struct graph *graph, const struct lane *lane, item near, int64_t time, bool *open);

/* The lane is part of what is asked for now: what was noted for something else is forgotten. */
static inline void lane_ask(const struct graph *graph, struct lane *lane)
{
	if (lane->query == graph->query)
		return;
	lane->query = graph->query;
	lane->near = 0;
	lane->frame = UINT32_MAX;
	lane->sum = 0;
}

/* Who is the source of a turn's wait, and when: no later than `time`. 0: nobody. */
item turn_source(struct graph *graph, const struct turn *turn, int64_t *time);

#endif
