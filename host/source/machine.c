/*
 * Which traces were recorded on one machine.
 *
 * Traces that say of which boot they are belong together if that is the same, and the host's name is: see
 * source_find_machines(). Others are compared by host name, with all that its machines have so far: the time
 * that they span, and the names of their events.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/source/reader.h"

#include <string.h>

/* A machine, as far as its traces are known. */
struct machine {
	unsigned int number;
	int64_t begin, end; /* of its traces, ns */
	GHashTable *names;  /* of its events; only where the boot is not known */
};

static void free_machine(gpointer data)
{
	struct machine *machine = data;

	if (machine->names)
		g_hash_table_unref(machine->names);
	g_free(machine);
}

/* Names of events by trace: GPtrArray of GPtrArray of text. */
static GPtrArray *names_of_traces(const struct source *source)
{
	GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);

	for (unsigned int i = 0; i < source_n_traces(source); i++)
		g_ptr_array_add(all, g_ptr_array_new());
	for (unsigned int i = 0; i < source_n_classes(source); i++) {
		const struct source_class *class = source_class(source, i);

		g_ptr_array_add(g_ptr_array_index(all, class->trace), (gpointer) class->name);
	}
	return all;
}

/* Whether a trace may be of a machine of the same name, of whatever boot. */
static bool may_be_of(
	const struct machine *machine, const struct source_trace *trace, const GPtrArray *names)
{
	if (trace->begin > trace->end)
		return false;
	if (trace->begin > machine->end || trace->end < machine->begin)
		return true;
	for (guint i = 0; i < names->len; i++)
		if (g_hash_table_contains(machine->names, g_ptr_array_index(names, i)))
			return false;
	return true;
}

/* The machine is that of the trace, too. */
static void add_trace(
	struct machine *machine, const struct source_trace *trace, const GPtrArray *names)
{
	machine->begin = MIN(machine->begin, trace->begin);
	machine->end = MAX(machine->end, trace->end);
	for (guint i = 0; machine->names && i < names->len; i++)
		g_hash_table_add(machine->names, g_ptr_array_index(names, i));
}

/*
 * The machine of a trace among those with its key, made if it is a new one. So many of one name are looked
 * at; more are others.
 */
#define TWINS_MAX 16
static struct machine *find_machine(GPtrArray *same, const struct source_trace *trace,
	const GPtrArray *names, unsigned int *n_machines)
{
	struct machine *machine;

	for (guint i = 0; i < MIN(same->len, TWINS_MAX); i++) {
		machine = g_ptr_array_index(same, i);
		/* Programs of one machine have events of the same names. */
		if (trace->boot_id || trace->user || may_be_of(machine, trace, names))
			return machine;
	}
	machine = g_new0(struct machine, 1);
	machine->number = (*n_machines)++;
	machine->begin = INT64_MAX;
	machine->end = INT64_MIN;
	if (!trace->boot_id)
		machine->names = g_hash_table_new(g_str_hash, g_str_equal);
	g_ptr_array_add(same, machine);
	return machine;
}

/* The machines of a key, none at first. */
static GPtrArray *machines_of(GHashTable *keys, char *key)
{
	GPtrArray *same = g_hash_table_lookup(keys, key);

	if (same) {
		g_free(key);
		return same;
	}
	same = g_ptr_array_new_with_free_func(free_machine);
	g_hash_table_insert(keys, key, same);
	return same;
}

void source_find_machines(struct source *source, const struct source_options *options)
{
	GHashTable *keys = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	GPtrArray *names = names_of_traces(source);
	unsigned int n = 0;

	for (unsigned int i = 0; i < source_n_traces(source); i++) {
		struct source_trace *trace = g_ptr_array_index(source->traces, i);
		struct machine *machine;
		char *key;

		if (options->n_clocks > 0) {
			trace->machine = trace->clock.machine;
			continue;
		}
		/* Without a name, nothing is known of it. */
		if (!trace->hostname && !trace->boot_id) {
			trace->machine = n++;
			continue;
		}
		key = g_strdup_printf("%s\n%s", trace->boot_id ?: "", trace->hostname ?: "");
		machine = find_machine(
			machines_of(keys, key), trace, g_ptr_array_index(names, i), &n);
		add_trace(machine, trace, g_ptr_array_index(names, i));
		trace->machine = machine->number;
	}
	g_ptr_array_unref(names);
	g_hash_table_unref(keys);
}
