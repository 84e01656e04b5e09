/*
 * The graph of a machine's threads: when each one ran, waited for a CPU, or slept, and with whom the path
 * of what it waited for goes on. It is fed with intervals as the model tells them (thread_state), in the
 * order of their ends for each thread, and asked for paths (host/accumulate/critical_path.h).
 *
 * All times are ns. What does not fit into the memory that it may take goes to a temporary file.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_THREAD_GRAPH_H
#define LTTNGA_THREAD_GRAPH_H

#include "host/accumulate/chunks.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes of memory that a graph takes, unless told otherwise. */
#define GRAPH_LIMIT (64u << 20)

/* What a thread did for some time. */
enum graph_doing { GRAPH_RUNNING, GRAPH_WOKEN, GRAPH_PREEMPTED, GRAPH_SLEEPING, GRAPH_IDLE };

struct graph;

/* A graph that keeps so many bytes in memory, beside a few for each thread; free it with graph_free(). */
struct graph *graph_new(uint64_t limit);
void graph_free(struct graph *graph);

/*
 * What has gone wrong, as errno: then nothing is added any more. 0: all is well. What can go wrong is the
 * temporary file, and that there is more than numbers of items reach.
 */
int graph_wrong(const struct graph *graph);

/* The thread with a number; new if it is not known, 0 if there is no room. `pid` below 0: not known. */
item graph_thread(struct graph *graph, int64_t utid, int64_t tid, int64_t pid);

/* The thread with a number; 0 if it is not known. */
item graph_find(struct graph *graph, int64_t utid);

/*
 * The thread is called so from `time` on. `identity` is what no other text has; 0: there is no such
 * number. What is called so already costs a comparison. 256 names of a thread have times.
 */
void graph_name(
	struct graph *graph, item thread, int64_t time, const char *name, uint64_t identity);

/* The process of a thread is called so; NULL: not known. */
void graph_process(struct graph *graph, item thread, const char *name);

/*
 * A number for how threads wait: for what cause (a text that is never freed, or NULL: not known), and for
 * what exactly (copied; NULL: not known). The same for the same, as a rule. 0: not known at all.
 */
item graph_manner(struct graph *graph, const char *cause, const char *detail);

/* A thread did one thing for some time. */
struct graph_interval {
	item thread;
	enum graph_doing doing;
	int64_t begin, end;
	int32_t cpu; /* that it ran on; below 0: not known */
	/* For sleep that has ended by a waking, as far as that is known: */
	item manner;
	item source;         /* with whom its path goes on, 0: nobody */
	int64_t source_time; /* and when */
};

/*
 * Adds an interval. What is before the end of what is known of that thread is left out; between that and
 * the begin it is not known what it did.
 */
void graph_add(struct graph *graph, const struct graph_interval *interval);

/* `parent` has made a thread. */
void graph_fork(struct graph *graph, item thread, item parent, int64_t time);

/* A thread exits: what is told of it still is the last. */
void graph_exit(struct graph *graph, item thread);

/*
 * What the thread does from `time` on, which it is told to do later, was made possible by what `source`
 * did at `source_time`, though it did not wait for that: a packet was received. `manner` is how it was on
 * its way.
 */
void graph_arrive(struct graph *graph, item thread, int64_t time, item manner, item source,
	int64_t source_time);

/* Nobody will ask for what was before: drops what is about that alone. */
void graph_forget(struct graph *graph, int64_t before);

/* ---- What is known ---- */

struct graph_thread {
	int64_t utid, tid, pid; /* pid: below 0 if it is not known */
	int64_t first, last;    /* something is known of it between these; equal: nothing */
	bool born, exited; /* it was made at `first`; it has exited: nothing comes after `last` */
};

/* Tells about a thread; false if there is none of that number. */
bool graph_about(struct graph *graph, item thread, struct graph_thread *about);

/* The next thread, in the order in which they were met; 0: the first one, and after the last. */
item graph_next(struct graph *graph, item thread);

/* What the thread was called at a time; NULL if that is not known. The text lives as long as the graph. */
const char *graph_name_at(struct graph *graph, item thread, int64_t time);

/* What its process is called; NULL if that is not known. As above. */
const char *graph_process_of(struct graph *graph, item thread);

/* What was made a manner; `*cause` and `*detail` are NULL if they are not known. */
void graph_explain(struct graph *graph, item manner, const char **cause, const char **detail);

/*
 * Who ran on a CPU between two times for the longest time, of those that come first if it was equal; 0 if
 * nobody did.
 */
item graph_longest(struct graph *graph, int32_t cpu, int64_t begin, int64_t end);

/* Bytes that it has in memory, and in the file. */
void graph_size(const struct graph *graph, uint64_t *memory, uint64_t *file);

#endif
