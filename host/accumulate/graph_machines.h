/*
 * The machines whose threads are in a graph. It knows nothing of machines: a thread has a number there that none of
 * another machine has, and so has a CPU.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_GRAPH_MACHINES_H
#define LTTNGA_GRAPH_MACHINES_H

#include <stdbool.h>
#include <stdint.h>

struct graph;
struct graph_machines;

/* Numbers of machines are below this. Without others, a machine has number 0. */
#define GRAPH_MACHINES_MAX 32768

/* A graph for machines, see graph_new(). It has one reference, and goes with the last one. */
struct graph_machines *graph_machines_new(uint64_t limit);
struct graph_machines *graph_machines_ref(struct graph_machines *machines);
void graph_machines_unref(struct graph_machines *machines);

struct graph *graph_machines_graph(const struct graph_machines *machines);

/* A machine (its number is below the above) is in the graph; `name` is copied, or NULL: it is not shown. */
void graph_machines_add(struct graph_machines *machines, unsigned int number, const char *name);
bool graph_machines_has(const struct graph_machines *machines, int64_t number);

/* What a machine is called; NULL if that is not known. */
const char *graph_machines_name(const struct graph_machines *machines, unsigned int number);

/* The number of a machine's thread in the graph, and back: which machine's it is, and its `utid` there. */
int64_t graph_machines_thread(unsigned int number, int64_t utid);
unsigned int graph_machines_of(int64_t thread);
int64_t graph_machines_utid(int64_t thread);

/* The number of a machine's CPU in the graph, and back; below 0 for one that is not known. */
int32_t graph_machines_cpu(struct graph_machines *machines, unsigned int number, int64_t cpu);
int32_t graph_machines_cpu_there(const struct graph_machines *machines, int32_t cpu);

/* Nobody will ask for what was before on that machine; see graph_forget(). */
void graph_machines_forget(struct graph_machines *machines, unsigned int number, int64_t before);

#endif
