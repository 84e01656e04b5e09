/*
 * Where the native reader's streams stand: in which packet, at which event, and what is left of
 * each file. What is read back is checked against the files.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/ctf.h"

#include <glib/gstdio.h>

static struct ctf_stream *ctf_stream_of(struct stream *stream)
{
	return (struct ctf_stream *)(void *)stream;
}

void ctf_hold(struct source *source)
{
	if (ctf_of(source)->ahead)
		ctf_ahead_hold(ctf_of(source)->ahead);
}

void ctf_release(struct source *source)
{
	if (ctf_of(source)->ahead)
		ctf_ahead_release(ctf_of(source)->ahead);
}

struct stream *ctf_latest(struct stream *stream)
{
	return ctf_stream_of(stream)->out;
}

/* What the source knows of a stream is what has been read of it; it has no records. */
static void show(struct ctf_stream *stream)
{
	struct stream *front = &stream->stream, shown = *stream->out;

	if (stream->out == front)
		return;
	shown.facts.name = front->facts.name;
	shown.records = front->records;
	shown.records_room = front->records_room;
	shown.values = front->values;
	shown.values_room = front->values_room;
	*front = shown;
}

/* ---- Ahead ---- */

/* When so many bytes of what lies between two times have been read, if it is spread evenly. */
static int64_t between(int64_t begin, int64_t end, uint64_t bytes, uint64_t size)
{
	__extension__ typedef __int128 wide;

	return (int64_t)(begin + ((wide)end - begin) * (wide)bytes / (wide)size);
}

/*
 * Looks at what is left of a packet from a byte on, whose time is `begin`; `left` are the bytes
 * that are still to be read. Returns when that is done, INT64_MAX if it is not.
 */
static int64_t look_into(const struct ctf_stream *stream, const struct ctf_packet *packet,
	uint64_t from, int64_t begin, uint64_t *left)
{
	const struct ctf_time *time = &stream->set->time;
	uint64_t size = packet->end_bits / 8 - MIN(packet->end_bits / 8, from), bytes = *left;
	int64_t end = begin;

	if (packet->has_end && packet->end >= packet->begin)
		end = ctf_packet_time(time, packet->end);
	*left -= MIN(bytes, size);
	return bytes < size && end > begin ? between(begin, end, bytes, size) : INT64_MAX;
}

/* Looks at what follows in a file. */
static int64_t look_ahead(
	const struct ctf_stream *stream, const struct ctf_file *file, uint64_t *left)
{
	struct ctf_file walk = *file; /* shares what is mapped */
	const struct ctf_time *times = &stream->set->time;
	struct ctf_packet packet;
	int64_t time = INT64_MAX;
	uint64_t where;

	if (!ctf_file_map(&walk, NULL))
		return time;
	while (walk.has_next && walk.next.has_begin && time == INT64_MAX) {
		packet = walk.next;
		time = look_into(stream, &packet, 0, ctf_packet_time(times, packet.begin), left);
		ctf_file_advance(&stream->trace->format, &walk, &packet, &where);
	}
	if (!file->base)
		ctf_file_unmap(&walk);
	return time;
}

int64_t ctf_time_ahead(struct stream *base, uint64_t bytes)
{
	const struct ctf_stream *stream = ctf_stream_of(base);
	uint64_t left = bytes;
	int64_t time = INT64_MAX, now = MAX(base->now, base->source->reached);

	if (stream->file)
		time = look_into(stream, &stream->packet, stream->at / 8, now, &left);
	for (guint i = 0; i < stream->files->len && time == INT64_MAX; i++)
		time = look_ahead(stream, g_ptr_array_index(stream->files, i), &left);
	return time > now ? time : now == INT64_MAX ? now : now + 1;
}

/* ---- Back to the begin ---- */

static void rewind_files(struct ctf_stream *stream)
{
	g_ptr_array_set_size(stream->used_up, 0);
	g_ptr_array_set_size(stream->files, 0);
	for (guint i = 0; i < stream->all->len; i++) {
		struct ctf_file *file = g_ptr_array_index(stream->all, i);

		ctf_file_unmap(file);
		file->next = file->first;
		file->has_next = true;
		file->has_passed = false;
		if (file->kept)
			g_array_set_size(file->kept, 0);
		g_ptr_array_add(stream->files, file);
	}
	ctf_stream_sort_all(stream);
}

void ctf_rewind(struct stream *base)
{
	struct ctf_stream *stream = ctf_stream_of(base);
	struct source_stream *facts = &stream->out->facts;

	ctf_of(base->source)->begun_at = UINT64_MAX;
	if (ctf_of(base->source)->ahead)
		ctf_ahead_drop(ctf_of(base->source)->ahead, stream);
	stream_rewind(stream->out);
	g_free((char *)facts->damage);
	facts->damage = g_strdup(stream->opened_damage);
	facts->damaged = stream->opened_damaged;
	stream->file = stream->reading = NULL;
	stream->kept_from = 0;
	stream->clock = 0;
	stream->packet_end = 0;
	stream->has_before = false;
	stream->told = VALUE_ABSENT;
	rewind_files(stream);
	show(stream);
}

/* ---- Positions ---- */

/* Reads a packet's header in a file of the stream, which is mapped then. */
static bool read_packet(struct ctf_stream *stream, struct ctf_file *file, uint64_t offset,
	struct ctf_packet *packet, struct codec *codec)
{
	if (!ctf_file_map(file, NULL))
		return codec_fail(codec, "a file of the trace cannot be read");
	if (offset >= file->size || ctf_packet_read(&stream->trace->format, file, offset, packet) ||
		packet->stream != file->first.stream)
		return codec_fail(codec, "the position is not at a packet");
	return true;
}

/* How many files from `number` on are as they were when the trace was opened. */
static uint32_t count_untouched(const struct ctf_stream *stream, guint number)
{
	uint32_t n = 0;

	for (; number + n < stream->all->len; n++) {
		const struct ctf_file *file = g_ptr_array_index(stream->all, number + n);

		if (!file->has_next || file->next.offset != file->first.offset)
			break;
	}
	return n;
}

/* How many files from `number` on have no packets left. */
static uint32_t count_used_up(const struct ctf_stream *stream, guint number)
{
	uint32_t n = 0;

	while (number + n < stream->all->len &&
		!((struct ctf_file *)g_ptr_array_index(stream->all, number + n))->has_next)
		n++;
	return n;
}

/* The next packet of a file. Most such files are not read on at once, and are not left mapped. */
static void codec_next(struct ctf_stream *stream, struct ctf_file *file, struct codec *codec)
{
	uint64_t offset = file->next.offset;

	codec_u64(codec, &offset);
	if (!codec_reads(codec))
		return;
	if (!codec->failed)
		read_packet(stream, file, offset, &file->next, codec);
	ctf_file_unmap(file);
}

/* What is left of files: only of those of which something has been read, in runs. */
static void codec_files(struct ctf_stream *stream, struct codec *codec)
{
	guint n = stream->all->len;
	uint32_t run;

	for (guint i = 0; i < n && !codec->failed; i += MAX(run, 1)) {
		run = codec_reads(codec) ? 0 : count_untouched(stream, i);
		codec_index(codec, &run, n - i + 1);
		i += run;
		if (i == n)
			return;
		run = codec_reads(codec) ? 0 : count_used_up(stream, i);
		codec_index(codec, &run, n - i + 1);
		for (guint k = 0; codec_reads(codec) && k < run; k++)
			((struct ctf_file *)g_ptr_array_index(stream->all, i + k))->has_next =
				false;
		if (run == 0)
			codec_next(stream, g_ptr_array_index(stream->all, i), codec);
	}
}

/* Those with packets left, and the one that is being read. */
static void collect_files(struct ctf_stream *stream)
{
	g_ptr_array_set_size(stream->files, 0);
	for (guint i = 0; i < stream->all->len; i++) {
		struct ctf_file *file = g_ptr_array_index(stream->all, i);

		if (file->has_next || file == stream->file)
			g_ptr_array_add(stream->files, file);
	}
	ctf_stream_sort_all(stream);
}

/* Goes on with the packet at `offset` of a file, at stream->at. */
static void go_on(
	struct ctf_stream *stream, struct ctf_file *file, uint64_t offset, struct codec *codec)
{
	if (codec->failed || !read_packet(stream, file, offset, &stream->packet, codec))
		return;
	if (file->has_next && file->next.offset <= offset) {
		codec_fail(codec, "the packets are not in order");
		return;
	}
	stream->file = stream->reading = file;
	stream->base = file->base + offset;
	collect_files(stream);
	ctf_stream_set_end(stream);
	if (stream->at < stream->packet.begin_bits || stream->at > stream->end)
		codec_fail(codec, "the position is outside of its packet");
}

/* The packet that is being read, if there is one. */
static void codec_packet(struct ctf_stream *stream, struct codec *codec)
{
	bool has_packet = stream->file && !stream->out->ended;
	uint32_t number = has_packet ? stream->file->number : 0;
	uint64_t offset = stream->packet.offset;

	codec_bool(codec, &has_packet);
	if (!has_packet) {
		if (codec_reads(codec))
			collect_files(stream);
		if (stream->out->gap_events && !stream->out->ended)
			codec_fail(codec, "events were lost after no packet");
		return;
	}
	codec_index(codec, &number, stream->all->len);
	codec_u64(codec, &offset);
	codec_u64(codec, &stream->at);
	if (codec_reads(codec))
		go_on(stream, g_ptr_array_index(stream->all, number), offset, codec);
}

void ctf_codec(struct stream *base, struct codec *codec)
{
	struct ctf_stream *stream = ctf_stream_of(base);

	stream_archive(stream->out, codec);
	codec_u64(codec, &stream->clock);
	codec_bool(codec, &stream->has_before);
	if (stream->has_before) {
		codec_u64(codec, &stream->before.seq_num);
		codec_u64(codec, &stream->before.discarded);
		codec_time(codec, &stream->packet_end);
	}
	codec_files(stream, codec);
	codec_packet(stream, codec);
	if (codec_reads(codec)) {
		stream->out->paused = !stream->out->ended;
		show(stream);
	}
}

/* ---- What a trace is ---- */

static void add_metadata(const struct ctf_trace *trace, GString *text)
{
	for (guint i = 0; i < trace->folders->len; i++) {
		char *path =
			g_build_filename(g_ptr_array_index(trace->folders, i), "metadata", NULL);
		struct stat st;

		if (stat(path, &st) == 0)
			g_string_append_printf(text, "metadata %jd %jd.%09ld %jd.%09ld\n",
				(intmax_t)st.st_size, (intmax_t)st.st_mtim.tv_sec,
				st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec,
				st.st_ctim.tv_nsec);
		g_free(path);
	}
}

static void add_trace(const struct ctf_trace *trace, GString *text)
{
	g_string_append(text, "trace ");
	for (size_t i = 0; trace->metadata->has_uuid && i < sizeof(trace->metadata->uuid); i++)
		g_string_append_printf(text, "%02x", trace->metadata->uuid[i]);
	g_string_append_c(text, '\n');
	if (trace->facts.clock.offset || trace->facts.clock.rate)
		g_string_append_printf(text,
			"clock %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n",
			trace->facts.clock.offset, trace->facts.clock.from,
			trace->facts.clock.rate);
	add_metadata(trace, text);
}

/* The folder's name, and the file's own. */
static void add_file(const struct ctf_file *file, GString *text)
{
	char *folder = g_path_get_dirname(file->path);
	char *last = g_path_get_basename(folder);
	char *name = g_path_get_basename(file->path);

	g_string_append_printf(text,
		"%s/%s %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", last,
		name, file->opened_size, file->opened_modified, file->opened_changed);
	g_free(name);
	g_free(last);
	g_free(folder);
}

void ctf_identity(const struct source *source, GString *text)
{
	g_string_append(text, source->intersection ? "common time\n" : "whole time\n");
	for (guint i = 0; i < source->traces->len; i++)
		add_trace(g_ptr_array_index(source->traces, i), text);
	for (guint i = 0; i < source->streams->len; i++) {
		const struct ctf_stream *stream = g_ptr_array_index(source->streams, i);

		g_string_append_printf(text, "stream of trace %u\n", stream->stream.facts.trace);
		for (guint k = 0; k < stream->all->len; k++)
			add_file(g_ptr_array_index(stream->all, k), text);
	}
}
