/*
 * The machines whose threads are in a graph.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/accumulate/graph_machines.h"

#include "host/accumulate/graph.h"

#include <glib.h>

/* A thread's number has that of its machine above these bits, of which numbers of threads take no more. */
#define UTID_BITS 48

/* More CPUs are not told apart. */
#define CPUS_MAX 65536

struct machine {
	bool is_there;
	char *name;
	int64_t before; /* nobody asks for what was earlier */
	GArray *cpus; /* int32_t, by number of the CPU: 1 + that in the graph, 0 if it has none; NULL: none has */
};

struct graph_machines {
	struct graph *graph;
	unsigned int refs;
	GArray *all;  /* struct machine, by number */
	GArray *cpus; /* int32_t: what a CPU is called on its machine, by number in the graph */
};

static void clear_machine(gpointer data)
{
	struct machine *machine = data;

	g_free(machine->name);
	if (machine->cpus)
		g_array_unref(machine->cpus);
}

struct graph_machines *graph_machines_new(uint64_t limit)
{
	struct graph_machines *machines = g_new0(struct graph_machines, 1);

	machines->graph = graph_new(limit);
	machines->refs = 1;
	machines->all = g_array_new(FALSE, TRUE, sizeof(struct machine));
	g_array_set_clear_func(machines->all, clear_machine);
	machines->cpus = g_array_new(FALSE, FALSE, sizeof(int32_t));
	return machines;
}

struct graph_machines *graph_machines_ref(struct graph_machines *machines)
{
	machines->refs++;
	return machines;
}

void graph_machines_unref(struct graph_machines *machines)
{
	if (!machines || --machines->refs > 0)
		return;
	graph_free(machines->graph);
	g_array_unref(machines->all);
	g_array_unref(machines->cpus);
	g_free(machines);
}

struct graph *graph_machines_graph(const struct graph_machines *machines)
{
	return machines->graph;
}

bool graph_machines_has(const struct graph_machines *machines, int64_t number)
{
	return number >= 0 && number < (int64_t)machines->all->len &&
	       g_array_index(machines->all, struct machine, number).is_there;
}

void graph_machines_add(struct graph_machines *machines, unsigned int number, const char *name)
{
	struct machine *machine;

	if (graph_machines_has(machines, number))
		return;
	if (number >= machines->all->len)
		g_array_set_size(machines->all, number + 1);
	machine = &g_array_index(machines->all, struct machine, number);
	*machine = (struct machine){.is_there = true, .name = g_strdup(name), .before = INT64_MIN};
	/* Beside others there is no machine without a number. */
	if (number > 0)
		g_array_index(machines->all, struct machine, 0).is_there = false;
}

const char *graph_machines_name(const struct graph_machines *machines, unsigned int number)
{
	return graph_machines_has(machines, number)
		       ? g_array_index(machines->all, struct machine, number).name
		       : NULL;
}

/* ---- Threads ---- */

int64_t graph_machines_thread(unsigned int number, int64_t utid)
{
	return (int64_t)number << UTID_BITS | (utid & ((INT64_C(1) << UTID_BITS) - 1));
}

unsigned int graph_machines_of(int64_t thread)
{
	return (unsigned int)(thread >> UTID_BITS);
}

int64_t graph_machines_utid(int64_t thread)
{
	return thread & ((INT64_C(1) << UTID_BITS) - 1);
}

/* ---- CPUs ---- */

int32_t graph_machines_cpu(struct graph_machines *machines, unsigned int number, int64_t cpu)
{
	int32_t name = (int32_t)cpu, *known;
	struct machine *machine;

	if (cpu < 0 || cpu >= CPUS_MAX || !graph_machines_has(machines, number))
		return -1;
	machine = &g_array_index(machines->all, struct machine, number);
	if (!machine->cpus)
		machine->cpus = g_array_new(FALSE, TRUE, sizeof(int32_t));
	if (machine->cpus->len <= (guint)cpu)
		g_array_set_size(machine->cpus, (guint)cpu + 1);
	known = &g_array_index(machine->cpus, int32_t, cpu);
	if (*known == 0) {
		g_array_append_val(machines->cpus, name);
		*known = (int32_t)machines->cpus->len;
	}
	return *known - 1;
}

int32_t graph_machines_cpu_there(const struct graph_machines *machines, int32_t cpu)
{
	return cpu >= 0 && (guint)cpu < machines->cpus->len
		       ? g_array_index(machines->cpus, int32_t, cpu)
		       : -1;
}

void graph_machines_forget(struct graph_machines *machines, unsigned int number, int64_t before)
{
	int64_t all = INT64_MAX;

	for (guint i = 0; i < machines->all->len; i++) {
		struct machine *machine = &g_array_index(machines->all, struct machine, i);

		if (i == number)
			machine->before = MAX(machine->before, before);
		if (machine->is_there)
			all = MIN(all, machine->before);
	}
	graph_forget(machines->graph, all);
}
