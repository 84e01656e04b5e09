/*
 * The source on libbabeltrace2: what host/source.h promises, and the merge of the streams. The
 * library's own muxer slows down with each further stream; a heap does not.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/source_bt2.h"

unsigned int source_n_classes(const struct source *source)
{
	return source->classes->len;
}

const struct source_class *source_class(const struct source *source, unsigned int number)
{
	return &((struct class_info *)g_ptr_array_index(source->classes, number))->public;
}

unsigned int source_n_traces(const struct source *source)
{
	return source->traces->len;
}

const struct source_trace *source_trace(const struct source *source, unsigned int number)
{
	return &((struct trace_info *)g_ptr_array_index(source->traces, number))->public;
}

unsigned int source_n_streams(const struct source *source)
{
	return source->ports->len;
}

const struct source_stream *source_stream(const struct source *source, unsigned int number)
{
	return &((struct port *)g_ptr_array_index(source->ports, number))->public;
}

bool source_range(const struct source *source, int64_t *begin, int64_t *end)
{
	*begin = source->range_begin;
	*end = source->range_end;
	return source->has_range && source->range_begin <= source->range_end;
}

void source_limit(struct source *source, int64_t begin, int64_t end)
{
	source->begin = begin;
	source->end = end;
}

void source_count(struct source *source)
{
	source->counts = true;
}

bool source_seen(const struct source *source, int64_t *first, int64_t *last)
{
	*first = source->first;
	*last = source->last;
	return source->seen;
}

/* ---- The merge ---- */

static bool before(const struct waiting *a, const struct waiting *b)
{
	return a->time != b->time ? a->time < b->time : a->port->number < b->port->number;
}

static struct waiting waiting_of(struct port *port)
{
	return (struct waiting){port->records[port->next].time, port};
}

static struct waiting *heap_at(const struct source *source, guint at)
{
	return &g_array_index(source->heap, struct waiting, at);
}

/* The first in the heap has changed: it goes to its place. */
static void heap_down(struct source *source)
{
	guint at = 0, length = source->heap->len;

	for (;;) {
		guint child = 2 * at + 1;
		struct waiting swap;

		if (child >= length)
			return;
		if (child + 1 < length &&
			before(heap_at(source, child + 1), heap_at(source, child)))
			child++;
		if (!before(heap_at(source, child), heap_at(source, at)))
			return;
		swap = *heap_at(source, at);
		*heap_at(source, at) = *heap_at(source, child);
		*heap_at(source, child) = swap;
		at = child;
	}
}

static void heap_add(struct source *source, struct port *port)
{
	struct waiting one = waiting_of(port);
	guint at = source->heap->len;

	g_array_append_val(source->heap, one);
	while (at > 0) {
		guint parent = (at - 1) / 2;

		if (!before(&one, heap_at(source, parent)))
			break;
		*heap_at(source, at) = *heap_at(source, parent);
		*heap_at(source, parent) = one;
		at = parent;
	}
}

/* Lets the hungry ports read on; those that have records join the heap. */
static bool feed(struct source *source, GError **error)
{
	guint left = 0;

	if (!source->bound) {
		/* What was read to learn the classes are the first messages to make records of. */
		source->bound = true;
		for (guint i = 0; i < source->ports->len; i++) {
			struct port *port = g_ptr_array_index(source->ports, i);

			if (!port->ended)
				port_read(port);
		}
	} else if (!graph_run(source, error)) {
		return false;
	}
	for (guint i = 0; i < source->hungry->len; i++) {
		struct port *port = g_ptr_array_index(source->hungry, i);

		if (port->n_records > port->next)
			heap_add(source, port);
		else if (!port->ended)
			source->hungry->pdata[left++] = port;
	}
	g_ptr_array_set_size(source->hungry, (gint)left);
	return true;
}

enum source_status source_next(
	struct source *source, const struct record **records, size_t *n, GError **error)
{
	const struct waiting *second = NULL;
	struct waiting now;
	struct port *port;
	size_t begin;

	*n = 0;
	if (source->hungry->len > 0 && !feed(source, error))
		return SOURCE_FAILED;
	if (source->hungry->len > 0)
		return SOURCE_MORE;
	if (source->heap->len == 0)
		return SOURCE_END;
	/* The earliest stream goes on until it meets the second. */
	port = heap_at(source, 0)->port;
	if (source->heap->len > 1)
		second = heap_at(source, 1);
	if (source->heap->len > 2 && before(heap_at(source, 2), second))
		second = heap_at(source, 2);
	begin = port->next;
	do {
		if (++port->next == port->n_records)
			break;
		now = waiting_of(port);
	} while (!second || before(&now, second));
	if (port->next < port->n_records) {
		*heap_at(source, 0) = now;
	} else {
		if (!port->ended)
			g_ptr_array_add(source->hungry, port);
		g_array_remove_index_fast(source->heap, 0);
	}
	heap_down(source);
	*records = port->records + begin;
	*n = port->next - begin;
	return SOURCE_MORE;
}
