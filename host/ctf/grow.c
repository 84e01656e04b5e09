/*
 * Traces that are being recorded: files get more packets, and a trace more files and more metadata.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/ctf.h"

/* Goes on to the newest packet of a mapped file. */
static void find_newest(const struct ctf_format *format, struct ctf_file *file)
{
	uint64_t offset = file->has_newest ? file->newest.offset + file->newest.size : 0;
	struct ctf_packet packet;

	/* What can't be read is not there yet, or is found to be damaged when it is read. */
	while (offset < file->size && !ctf_packet_read(format, file, offset, &packet) &&
		packet.size <= file->size - offset) {
		file->newest = packet;
		file->has_newest = true;
		offset += packet.size;
	}
}

/* A mapped file has so many bytes by now: what can be read is its whole packets, or if it is `over`, all of it. */
static void set_size(
	const struct ctf_format *format, struct ctf_file *file, uint64_t bytes, bool over)
{
	file->size = bytes;
	find_newest(format, file);
	file->grows = !over;
	if (!over)
		file->size = file->has_newest ? file->newest.offset + file->newest.size : 0;
}

bool ctf_file_ask(const struct ctf_format *format, struct feed *feed, struct ctf_file *file)
{
	struct feed_file state;

	if (!feed->file(feed, file->path, &state))
		return false;
	set_size(format, file, MIN(file->size, state.bytes), state.over);
	return file->size > 0;
}

/* Up to when a file is complete, ns. */
static int64_t complete_of(const struct ctf_stream *stream, const struct ctf_file *file)
{
	const struct ctf_packet *newest = &file->newest;

	if (!file->has_newest || !newest->has_begin)
		return INT64_MIN;
	return ctf_packet_time(&stream->set->time,
		newest->has_end ? MAX(newest->begin, newest->end) : newest->begin);
}

/* The stream's packets, and those of its trace, go on until then. */
static void note_span(struct ctf_stream *stream)
{
	struct source_trace *trace = &stream->trace->facts;
	struct source_stream *facts = &stream->stream.facts;

	for (guint i = 0; i < stream->files->len; i++) {
		int64_t end = complete_of(stream, g_ptr_array_index(stream->files, i));

		if (end == INT64_MIN)
			continue;
		facts->to = facts->from > INT64_MIN ? MAX(facts->to, end) : facts->to;
		trace->end = MAX(trace->end, end);
	}
	if (facts->from > INT64_MIN)
		trace->begin = MIN(trace->begin, facts->from);
}

void ctf_stream_note_growth(struct ctf_stream *stream)
{
	struct feed *feed = stream->stream.source->feed;

	ctf_stream_sort_all(stream);
	if (!feed)
		return;
	stream->grows = false;
	stream->idle = true;
	for (guint i = 0; i < stream->files->len; i++) {
		struct ctf_file *file = g_ptr_array_index(stream->files, i);
		struct feed_file state;

		stream->quiet = MAX(stream->quiet, complete_of(stream, file));
		stream->grows = stream->grows || file->grows;
		if (!feed->file(feed, file->path, &state))
			continue;
		if (state.complete > 0)
			stream->quiet = MAX(
				stream->quiet, ctf_packet_time(&stream->set->time, state.complete));
		/* A packet that has been begun is waited for. */
		stream->idle =
			stream->idle && (!file->grows || (state.idle && state.bytes <= file->size));
	}
	stream->stream.complete = stream->grows ? stream->quiet : INT64_MAX;
	note_span(stream);
	if (stream->file)
		ctf_stream_set_end(stream);
}

/* Takes what has come of a file. */
static bool grow_file(struct ctf_stream *stream, struct ctf_file *file, GError **error)
{
	struct feed *feed = stream->stream.source->feed;
	struct feed_file state;
	uint64_t size;

	if (!file->grows)
		return true;
	if (!feed->file(feed, file->path, &state))
		state = (struct feed_file){.bytes = file->size, .over = true};
	if (state.bytes <= file->size) {
		file->grows = !state.over;
		return true;
	}
	size = file->size;
	if (!file->base && !ctf_file_map(file, error))
		return false;
	if (!ctf_file_grow(file, state.bytes, error))
		return false;
	set_size(&stream->trace->format, file, state.bytes, state.over);
	stream->stream.source->bytes += file->size - size;
	if (stream->file == file)
		stream->base = file->base + stream->packet.offset;
	if (!file->has_next)
		ctf_stream_look_on(stream, file);
	return true;
}

static bool grow_stream(struct ctf_stream *stream, GError **error)
{
	for (guint i = 0; i < stream->files->len; i++)
		if (!grow_file(stream, g_ptr_array_index(stream->files, i), error))
			return false;
	ctf_stream_note_growth(stream);
	return true;
}

/* The clock of a trace: that of any of its streams. */
static const struct ctf_time *time_of(const struct ctf_trace *trace)
{
	for (guint i = 0; i < trace->metadata->streams->len; i++)
		if (trace->sets[i])
			return &trace->sets[i]->time;
	return NULL;
}

static bool grow_trace(struct ctf_source *source, unsigned int number, GError **error)
{
	struct ctf_trace *trace = g_ptr_array_index(source->base.traces, number);
	struct feed *feed = source->base.feed;
	const char *folder = g_ptr_array_index(trace->folders, 0);
	uint64_t bytes = feed->metadata(feed, folder), complete;
	const struct ctf_time *time;

	if (bytes > trace->metadata_bytes && !ctf_reread_metadata(source, number, bytes, error))
		return false;
	if (!ctf_find_new_files(source, number, error))
		return false;
	time = time_of(trace);
	if (feed->without_file(feed, folder, &complete))
		source->base.waits_for = MIN(source->base.waits_for,
			complete > 0 && time ? ctf_packet_time(time, complete) : INT64_MIN);
	return true;
}

/* Streams that nobody is to wait for are taken to be quiet up to the newest that is known of any. */
static void pass_over_idle(const struct ctf_source *source)
{
	int64_t newest = INT64_MIN;

	for (guint i = 0; i < source->base.streams->len; i++)
		newest = MAX(newest,
			((struct ctf_stream *)g_ptr_array_index(source->base.streams, i))->quiet);
	for (guint i = 0; i < source->base.streams->len; i++) {
		struct ctf_stream *stream = g_ptr_array_index(source->base.streams, i);

		if (!stream->grows || !stream->idle)
			continue;
		stream->quiet = newest;
		stream->stream.complete = newest;
	}
}

bool ctf_grow(struct source *base, GError **error)
{
	struct ctf_source *source = ctf_of(base);

	base->waits_for = INT64_MAX;
	for (guint i = 0; i < base->traces->len; i++)
		if (!grow_trace(source, i, error))
			return false;
	for (guint i = 0; i < base->streams->len; i++)
		if (!grow_stream(g_ptr_array_index(base->streams, i), error))
			return false;
	pass_over_idle(source);
	return true;
}
