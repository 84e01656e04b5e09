/*
 * What sources of all readers have in common: how they are made, and the facts about them. What
 * differs is handed to the reader.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/source/reader.h"

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
	source->merge = merge_new();
	source->begin = source->counted_from = INT64_MIN;
	source->end = INT64_MAX;
	source->pause = INT64_MAX;
	source->free_until = INT64_MIN;
	source->reached = INT64_MIN;
	source->waits_for = INT64_MAX;
	source->complete = INT64_MIN;
	source->range_begin = INT64_MAX;
	source->range_end = INT64_MIN;
	source->has_range = true;
	return source;
}

void source_clear(struct source *source)
{
	copies_free(source->copies);
	g_array_free(source->merge, TRUE);
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
	unsigned int n = 0;

	for (unsigned int i = 0; i < source->traces->len; i++)
		n += !source_trace(source, i)->user;
	if (left_out == n) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_INTERSECTION,
			"the streams of %s have no time in common: use --no-intersection to "
			"read everything",
			source_trace(source, 0)->path);
		return false;
	}
	if (left_out > 0)
		g_ptr_array_add(notes,
			g_strdup_printf("%u of %u traces ignored: their streams have no time "
					"in common (use --no-intersection to read them)",
				left_out, n));
	return true;
}

void source_add_stream(struct source *source, struct stream *stream, char *name, unsigned int trace,
	const struct span *span, const struct source_options *options)
{
	bool user = ((struct source_trace *)g_ptr_array_index(source->traces, trace))->user;
	bool common = options->intersection && span->known && !user;

	stream->source = source;
	stream->user = user;
	stream->number = source->streams->len;
	stream->facts.name = name;
	stream->facts.from = INT64_MIN;
	stream->facts.to = INT64_MAX;
	stream->facts.first_cpu = CPU_UNKNOWN;
	stream->facts.trace = trace;
	stream->low = common ? span->common_begin : INT64_MIN;
	stream->high = common ? span->common_end : INT64_MAX;
	/* What user space tells counts as long as the kernel is recorded, whose traces come first. */
	if (user && source->has_range && source->range_begin <= source->range_end) {
		stream->low = source->range_begin;
		stream->high = source->range_end;
	}
	stream->facts.begin = stream->low;
	stream->complete = INT64_MAX;
	stream_rewind(stream);
	g_ptr_array_add(source->streams, stream);
	g_ptr_array_add(source->hungry, stream);
}

void source_keep_last(struct source *source, int64_t span, int64_t until)
{
	source->keeps = span;
	source->keeps_until = until;
}

bool source_keep(struct source *source, const char *folder, GError **error)
{
	if (source->reader->keep && source->feed && source->keeps > 0)
		return source->reader->keep(source, folder, error);
	g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_REFUSED,
		"only the native reader can keep a part of a trace that is being recorded");
	return false;
}

struct feed *source_feed(const struct source *source)
{
	return source->feed;
}

struct source_clock source_clock_of_next(
	const struct source *source, const struct source_options *options)
{
	return source->traces->len < options->n_clocks ? options->clocks[source->traces->len]
						       : (struct source_clock){0};
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

bool source_stream_seen(
	const struct source *source, unsigned int number, int64_t *first, int64_t *last)
{
	const struct stream *stream = g_ptr_array_index(source->streams, number);

	*first = stream->first;
	*last = stream->last;
	return stream->seen;
}

bool source_range(const struct source *source, int64_t *begin, int64_t *end)
{
	*begin = source->range_begin;
	*end = source->range_end;
	return source->has_range && !source->feed && source->range_begin <= source->range_end;
}

void source_limit(struct source *source, int64_t begin, int64_t end)
{
	source->begin = begin;
	source->end = end;
}

void source_count_from(struct source *source, int64_t time)
{
	source->counted_from = time;
}

void source_count(struct source *source)
{
	source->counts = true;
}

void source_read_alone(struct source *source)
{
	source->reads_alone = true;
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
