/*
 * The merge: the records of all streams in one order, by time, and by the streams' order where
 * times are equal.
 *
 * Each stream makes its records in batches, which are in order. Streams that have some wait in a
 * heap (source->merge), the one with the earliest record first. The first one's records are handed
 * out as long as they come before the first record of the second one: one look at the heap for a
 * run of records, not for each, and with events that come in bursts such runs are long. Then the
 * stream goes down to its new place. So a further stream costs a comparison for each time that
 * their number doubles, where libbabeltrace2's muxer looks at all of them for each event.
 *
 * At any time a stream is in exactly one of these, unless it has ended:
 *   the heap          it has records that are not delivered
 *   source->hungry    it has none, and has to make some before anything can be said of the order
 *   source->paused    its next record is after the pause; it has looked at that, and gone back
 *
 * Where nobody asks for the order over all machines (source_free_order()), time is divided into
 * turns, in each of which all records of one machine come before those of the next one: hundreds
 * of models don't fit into a cache. A turn ends at a pause at the latest.
 *
 * So nothing is delivered while a stream is hungry, and nobody has read beyond a pause when all
 * streams have come to it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/source/heap.h"
#include "host/source/reader.h"

/* How much time of the trace a turn covers, ns. */
#define TURN 1000000000

/* Where the order is that of time alone, all streams count as those of one machine, the last one. */
#define ANY_MACHINE UINT_MAX

/* A stream in the heap. Its key is kept here: with many streams, looking into each costs dearly. */
struct waiting {
	int64_t turn; /* when that of the next record ends; where the order is not free: its time */
	int64_t time; /* of the stream's next record */
	struct stream *stream;
	unsigned int machine;
};

G_STATIC_ASSERT(sizeof(struct waiting) <= HEAP_ITEM_MAX);

GArray *merge_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(struct waiting));
}

static struct waiting *waiting(const struct source *source)
{
	return (struct waiting *)(void *)source->merge->data;
}

static bool before(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;

	if (x->turn != y->turn)
		return x->turn < y->turn;
	if (x->machine != y->machine)
		return x->machine < y->machine;
	return x->time != y->time ? x->time < y->time : x->stream->number < y->stream->number;
}

static struct waiting waiting_of(struct stream *stream)
{
	const struct source *source = stream->source;
	int64_t time = stream->records[stream->next].time;
	struct waiting one = {time, time, stream, ANY_MACHINE};

	if (time < source->free_until && time <= source->pause) {
		one.turn = MIN(source->free_until, time_later(time - time % TURN, TURN));
		one.turn = MIN(one.turn, time_later(source->pause, 1));
		one.machine = source_trace(source, stream->facts.trace)->machine;
	}
	return one;
}

void merge_again(struct source *source)
{
	for (guint i = 0; i < source->merge->len; i++)
		waiting(source)[i] = waiting_of(waiting(source)[i].stream);
	heap_make(waiting(source), source->merge->len, sizeof(struct waiting), before);
}

void source_free_order(struct source *source, int64_t time)
{
	source->free_until = time;
	merge_again(source);
}

void source_note_seen(struct source *source, const struct stream *stream)
{
	if (!stream->seen || stream->user)
		return;
	if (!source->seen || stream->first < source->first)
		source->first = stream->first;
	if (!source->seen || stream->last > source->last)
		source->last = stream->last;
	source->seen = true;
}

/* Lets the hungry streams read on; those that have records join the heap. */
static bool feed(struct source *source, GError **error)
{
	guint left = 0;

	if (!source->reader->feed(source, error))
		return false;
	for (guint i = 0; i < source->hungry->len; i++) {
		struct stream *stream = g_ptr_array_index(source->hungry, i);

		source_note_seen(source, stream);
		if (stream->n_records > stream->next) {
			struct waiting one = waiting_of(stream);

			g_array_append_val(source->merge, one);
			heap_up(waiting(source), source->merge->len, sizeof(one), before);
		} else if (stream->paused) {
			g_ptr_array_add(source->paused, stream);
		} else if (!stream->ended) {
			source->hungry->pdata[left++] = stream;
		}
	}
	g_ptr_array_set_size(source->hungry, (gint)left);
	return true;
}

/*
 * Until when the earliest stream can go on: to the pause, or until it meets the second; that is of
 * a later turn, or of another machine, when its own turn ends.
 */
static int64_t run_end(const struct source *source)
{
	const struct waiting *heap = waiting(source), *second;

	if (source->merge->len == 1)
		return source->pause;
	second = &heap[1];
	if (source->merge->len > 2 && before(&heap[2], second))
		second = &heap[2];
	if (heap->machine != ANY_MACHINE &&
		(second->turn != heap->turn || second->machine != heap->machine))
		return heap->turn - 1;
	/* If the first one comes after the second in a tie, it is earlier. */
	return MIN(source->pause,
		heap[0].stream->number < second->stream->number ? second->time : second->time - 1);
}

/* The earliest stream's records are used up: where it waits for others. */
static void put_away(struct source *source, struct stream *stream)
{
	if (!stream->ended)
		g_ptr_array_add(stream->paused ? source->paused : source->hungry, stream);
	g_array_remove_index_fast(source->merge, 0);
}

enum source_status source_next(
	struct source *source, const struct record **records, size_t *n, GError **error)
{
	struct stream *stream;
	size_t begin, next;
	int64_t end;

	*n = 0;
	if (source->hungry->len > 0 && !feed(source, error))
		return SOURCE_FAILED;
	if (source->hungry->len > 0)
		return SOURCE_MORE;
	if (source->merge->len == 0 && source->paused->len == 0)
		return SOURCE_END;
	if (source->merge->len == 0 || waiting(source)->time > source->pause) {
		source->reached = source->pause;
		return SOURCE_PAUSED;
	}
	stream = waiting(source)->stream;
	end = run_end(source);
	begin = next = stream->next;
	do
		next++;
	while (next < stream->n_records && stream->records[next].time <= end);
	stream->next = next;
	if (next < stream->n_records)
		*waiting(source) = waiting_of(stream);
	else
		put_away(source, stream);
	if (source->merge->len > 1)
		heap_down(waiting(source), source->merge->len, sizeof(struct waiting), before, 0);
	*records = stream->records + begin;
	*n = next - begin;
	return SOURCE_MORE;
}
