/*
 * The source: which reader reads a trace, and the merge of the streams. A heap does not slow down
 * with each further stream.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/source/reader.h"

#include "host/source/trace_files.h"

/* A stream in the heap. Its key is kept here: with many streams, looking into each costs dearly. */
struct waiting {
	int64_t time; /* of the stream's next record */
	struct stream *stream;
};

/* ---- Opening and closing ---- */

void *source_new(const struct reader *reader, size_t size, GDestroyNotify free_class,
	GDestroyNotify free_trace, GDestroyNotify free_stream)
{
	struct source *source = g_malloc0(size);

	source->reader = reader;
	source->classes = g_ptr_array_new_with_free_func(free_class);
	source->traces = g_ptr_array_new_with_free_func(free_trace);
	source->streams = g_ptr_array_new_with_free_func(free_stream);
	source->hungry = g_ptr_array_new();
	source->paused = g_ptr_array_new();
	source->heap = g_array_new(FALSE, FALSE, sizeof(struct waiting));
	source->begin = INT64_MIN;
	source->end = INT64_MAX;
	source->pause = INT64_MAX;
	source->reached = INT64_MIN;
	source->range_begin = INT64_MAX;
	source->range_end = INT64_MIN;
	source->has_range = true;
	return source;
}

void source_clear(struct source *source)
{
	g_array_free(source->heap, TRUE);
	g_ptr_array_unref(source->hungry);
	g_ptr_array_unref(source->paused);
	g_ptr_array_unref(source->streams);
	g_ptr_array_unref(source->classes);
	g_ptr_array_unref(source->traces);
}

void source_close(struct source *source)
{
	if (source)
		source->reader->close(source);
}

/* Opens what the native reader has declined, or was not asked for (NULL). */
static struct source *open_bt2(GPtrArray *traces, const struct source_options *options,
	GPtrArray *notes, const GError *declined, GError **error)
{
	GError *why = NULL;
	struct source *source = babeltrace2_reader.open(traces, options, notes, &why);

	if (source && declined)
		g_ptr_array_add(notes, g_strdup_printf("read through libbabeltrace2, which "
						       "is slower: %s",
					       declined->message));
	if (source)
		return source;
	if (why->code == SOURCE_ERROR_DECLINED) {
		why->code = SOURCE_ERROR_OPEN;
		if (declined)
			g_prefix_error(&why, "cannot read %s; ", declined->message);
	}
	g_propagate_error(error, why);
	return NULL;
}

struct source *source_open(const char *const *paths, const struct source_options *options,
	GPtrArray *notes, GError **error)
{
	GPtrArray *traces = trace_files_find(paths, notes, error);
	struct source *source = NULL;
	GError *declined = NULL;

	if (!traces)
		return NULL;
	if (options->reader != SOURCE_BABELTRACE2) {
		source = native_reader.open(traces, options, notes, &declined);
		if (!source && (declined->code != SOURCE_ERROR_DECLINED ||
				       options->reader == SOURCE_NATIVE)) {
			if (declined->code == SOURCE_ERROR_DECLINED)
				declined->code = SOURCE_ERROR_OPEN;
			g_propagate_error(error, declined);
			g_ptr_array_unref(traces);
			return NULL;
		}
	}
	if (!source)
		source = open_bt2(traces, options, notes, declined, error);
	g_clear_error(&declined);
	g_ptr_array_unref(traces);
	return source;
}

void span_add(struct span *span, int64_t begin, int64_t end)
{
	span->begin = MIN(span->begin, begin);
	span->end = MAX(span->end, end);
	span->common_begin = MAX(span->common_begin, begin);
	span->common_end = MIN(span->common_end, end);
}

bool source_add_span(
	struct source *source, const struct span *span, const struct source_options *options)
{
	bool common = options->intersection;

	if (!span->known) {
		source->has_range = false;
		return true;
	}
	if (common && span->common_begin > span->common_end)
		return false;
	source->range_begin = MIN(source->range_begin, common ? span->common_begin : span->begin);
	source->range_end = MAX(source->range_end, common ? span->common_end : span->end);
	return true;
}

bool source_tell_left_out(
	const struct source *source, unsigned int left_out, GPtrArray *notes, GError **error)
{
	if (left_out == source->traces->len) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_INTERSECTION,
			"the streams of %s have no time in common: use --no-intersection to "
			"read all that is there",
			source_trace(source, 0)->path);
		return false;
	}
	if (left_out > 0)
		g_ptr_array_add(notes,
			g_strdup_printf("%u of %u traces are left out: their streams have no time "
					"in common (--no-intersection reads them)",
				left_out, source->traces->len));
	return true;
}

void source_add_stream(struct source *source, struct stream *stream, char *name, unsigned int trace,
	const struct span *span, const struct source_options *options)
{
	bool common = options->intersection && span->known;

	stream->source = source;
	stream->number = source->streams->len;
	stream->public.name = name;
	stream->public.trace = trace;
	stream->low = common ? span->common_begin : INT64_MIN;
	stream->high = common ? span->common_end : INT64_MAX;
	stream->public.begin = stream->low;
	stream_rewind(stream);
	g_ptr_array_add(source->streams, stream);
	g_ptr_array_add(source->hungry, stream);
}

/* ---- Facts ---- */

const char *source_reader(const struct source *source)
{
	return source->reader->name;
}

unsigned int source_n_classes(const struct source *source)
{
	return source->classes->len;
}

const struct source_class *source_class(const struct source *source, unsigned int number)
{
	return g_ptr_array_index(source->classes, number);
}

unsigned int source_n_traces(const struct source *source)
{
	return source->traces->len;
}

const struct source_trace *source_trace(const struct source *source, unsigned int number)
{
	return g_ptr_array_index(source->traces, number);
}

unsigned int source_n_streams(const struct source *source)
{
	return source->streams->len;
}

const struct source_stream *source_stream(const struct source *source, unsigned int number)
{
	return g_ptr_array_index(source->streams, number);
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

unsigned int source_bind_field(struct source *source, unsigned int class_no, const char *names)
{
	return source->reader->bind_field(source, class_no, names);
}

void source_bind(struct source *source, unsigned int class_no, uint16_t kind, uint16_t sub)
{
	source->reader->bind(source, class_no, kind, sub);
}

const struct record_getters *source_getters(const struct source *source)
{
	return &source->getters;
}

void source_visit(const struct source *source, const struct record *record, unsigned int slot,
	const struct value_visitor *visitor, void *data)
{
	source->reader->visit(source, record, slot, visitor, data);
}

/* ---- The merge ---- */

static bool before(const struct waiting *a, const struct waiting *b)
{
	return a->time != b->time ? a->time < b->time : a->stream->number < b->stream->number;
}

static struct waiting waiting_of(struct stream *stream)
{
	return (struct waiting){stream->records[stream->next].time, stream};
}

/* The first in the heap has changed: it goes to its place. */
static void heap_down(struct source *source)
{
	struct waiting *heap = (struct waiting *)(void *)source->heap->data;
	guint at = 0, length = source->heap->len;

	for (;;) {
		guint child = 2 * at + 1;
		struct waiting swap;

		if (child >= length)
			return;
		if (child + 1 < length && before(&heap[child + 1], &heap[child]))
			child++;
		if (!before(&heap[child], &heap[at]))
			return;
		swap = heap[at];
		heap[at] = heap[child];
		heap[child] = swap;
		at = child;
	}
}

static void heap_add(struct source *source, struct stream *stream)
{
	struct waiting one = waiting_of(stream), *heap;
	guint at = source->heap->len;

	g_array_append_val(source->heap, one);
	heap = (struct waiting *)(void *)source->heap->data;
	while (at > 0) {
		guint parent = (at - 1) / 2;

		if (!before(&one, &heap[parent]))
			break;
		heap[at] = heap[parent];
		heap[parent] = one;
		at = parent;
	}
}

void source_note_seen(struct source *source, const struct stream *stream)
{
	if (!stream->seen)
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
		if (stream->n_records > stream->next)
			heap_add(source, stream);
		else if (stream->paused)
			g_ptr_array_add(source->paused, stream);
		else if (!stream->ended)
			source->hungry->pdata[left++] = stream;
	}
	g_ptr_array_set_size(source->hungry, (gint)left);
	return true;
}

/* Until when the earliest stream can go on: to the pause, or until it meets the second. */
static int64_t run_end(const struct source *source)
{
	const struct waiting *heap = (const struct waiting *)(const void *)source->heap->data;
	const struct waiting *second;

	if (source->heap->len == 1)
		return source->pause;
	second = &heap[1];
	if (source->heap->len > 2 && before(&heap[2], second))
		second = &heap[2];
	/* If the first one comes after the second in a tie, it is earlier. */
	return MIN(source->pause,
		heap[0].stream->number < second->stream->number ? second->time : second->time - 1);
}

/* The earliest stream's records are used up: where it waits for others. */
static void put_away(struct source *source, struct stream *stream)
{
	if (!stream->ended)
		g_ptr_array_add(stream->paused ? source->paused : source->hungry, stream);
	g_array_remove_index_fast(source->heap, 0);
}

enum source_status source_next(
	struct source *source, const struct record **records, size_t *n, GError **error)
{
	struct waiting *heap;
	struct stream *stream;
	size_t begin, next;
	int64_t end;

	*n = 0;
	if (source->hungry->len > 0 && !feed(source, error))
		return SOURCE_FAILED;
	if (source->hungry->len > 0)
		return SOURCE_MORE;
	heap = (struct waiting *)(void *)source->heap->data;
	if (source->heap->len == 0 && source->paused->len == 0)
		return SOURCE_END;
	if (source->heap->len == 0 || heap[0].time > source->pause) {
		source->reached = source->pause;
		return SOURCE_PAUSED;
	}
	stream = heap[0].stream;
	end = run_end(source);
	begin = next = stream->next;
	do
		next++;
	while (next < stream->n_records && stream->records[next].time <= end);
	stream->next = next;
	if (next < stream->n_records)
		heap[0] = waiting_of(stream);
	else
		put_away(source, stream);
	heap_down(source);
	*records = stream->records + begin;
	*n = next - begin;
	return SOURCE_MORE;
}
