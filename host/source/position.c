/*
 * Where a source stands: pauses, and positions that can be written and gone back to. At a pause no
 * stream has records that wait: what comes next is still to be read.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/source/reader.h"

static struct stream *stream_at(const struct source *source, guint number)
{
	return g_ptr_array_index(source->streams, number);
}

static void hold(struct source *source)
{
	if (source->reader->hold)
		source->reader->hold(source);
}

static void release(struct source *source)
{
	if (source->reader->release)
		source->reader->release(source);
}

/* What is known of how far a stream has been read, while it is held. */
static struct stream *latest(const struct source *source, guint number)
{
	struct stream *stream = stream_at(source, number);

	return source->reader->latest ? source->reader->latest(stream) : stream;
}

/* ---- Pauses ---- */

/* Lets streams that have come to the last pause read on. */
static void set_pause(struct source *source, int64_t time)
{
	/* All until the last pause has been delivered. */
	source->pause = MAX(time, source->reached);
	for (guint i = 0; i < source->streams->len; i++)
		stream_at(source, i)->paused = latest(source, i)->paused = false;
	g_ptr_array_extend(source->hungry, source->paused, NULL, NULL);
	g_ptr_array_set_size(source->paused, 0);
	merge_again(source);
}

void source_pause(struct source *source, int64_t time)
{
	hold(source);
	set_pause(source, time);
	release(source);
}

bool source_grow(struct source *source, GError **error)
{
	int64_t complete;

	if (!source->reader->grow || !source->feed)
		return true;
	if (!source->reader->grow(source, error))
		return false;
	complete = source->waits_for;
	for (guint i = 0; i < source->streams->len; i++)
		complete = MIN(complete, stream_at(source, i)->complete);
	/* How long a stream is without a packet counts when it leaves one. */
	if (complete < INT64_MAX)
		complete = MAX(complete, INT64_MIN + QUIET_MIN) - QUIET_MIN;
	source->complete = complete;
	source_pause(source, complete);
	return true;
}

int64_t source_complete(const struct source *source)
{
	return source->feed ? source->complete : INT64_MAX;
}

int64_t source_paused_at(const struct source *source)
{
	return source->pause;
}

int64_t source_time_ahead(struct source *source, uint64_t bytes)
{
	int64_t time = INT64_MAX;
	guint n = source->streams->len;

	if (!source_can_seek(source))
		return time;
	hold(source);
	for (guint i = 0; i < n; i++)
		if (!latest(source, i)->ended)
			time = MIN(
				time, source->reader->time_ahead(stream_at(source, i), bytes / n));
	release(source);
	return time;
}

/* ---- Positions ---- */

bool source_can_seek(const struct source *source)
{
	return source->reader->codec != NULL;
}

void source_rewind(struct source *source)
{
	if (!source_can_seek(source))
		return;
	hold(source);
	g_array_set_size(source->merge, 0);
	g_ptr_array_set_size(source->paused, 0);
	g_ptr_array_set_size(source->hungry, 0);
	for (guint i = 0; i < source->streams->len; i++) {
		source->reader->rewind(stream_at(source, i));
		g_ptr_array_add(source->hungry, stream_at(source, i));
	}
	for (guint i = 0; i < source->classes->len; i++)
		((struct source_class *)g_ptr_array_index(source->classes, i))->events = 0;
	source->seen = false;
	source->first = source->last = 0;
	source->pause = INT64_MAX;
	source->free_until = INT64_MIN;
	source->reached = INT64_MIN;
	release(source);
}

void source_start_again(struct source *source)
{
	if (!source_can_seek(source))
		return;
	source_rewind(source);
	source_limit(source, INT64_MIN, INT64_MAX);
	source->reader->unbind(source);
}

/* How many events of each class there have been, if they are counted. */
static void codec_events(struct source *source, struct codec *codec)
{
	bool counted = source->counts, wanted = counted && source->begin == INT64_MIN;

	codec_bool(codec, &counted);
	if (wanted && !counted)
		codec_fail(codec, "events were not counted");
	for (guint i = 0; counted && i < source->classes->len; i++) {
		struct source_class *class = g_ptr_array_index(source->classes, i);
		uint64_t events = class->events;

		codec_u64(codec, &events);
		if (wanted)
			class->events = events;
	}
}

/* The time of the pause, and what shows at once that the position belongs to another trace. */
static void codec_place(struct source *source, struct codec *codec)
{
	uint32_t n_classes = source->classes->len, n_streams = source->streams->len;

	codec_u32(codec, &n_streams);
	codec_u32(codec, &n_classes);
	codec_time(codec, &source->pause);
	if (n_streams != source->streams->len || n_classes != source->classes->len)
		codec_fail(codec, "the position belongs to another trace");
	if (source->pause == INT64_MAX)
		codec_fail(codec, "the position has no time");
	if (codec_reads(codec) && source->begin > INT64_MIN && source->pause >= source->begin)
		codec_fail(codec, "the position is not before the time range");
}

static void codec_source(struct source *source, struct codec *codec)
{
	codec_place(source, codec);
	codec_events(source, codec);
	for (guint i = 0; i < source->streams->len && !codec->failed; i++)
		source->reader->codec(stream_at(source, i), codec);
}

void source_save(struct source *source, struct codec *codec)
{
	if (!source_can_seek(source)) {
		codec_fail(codec, "this reader cannot seek");
	} else if (source->merge->len > 0 || source->hungry->len > 0 ||
		   source->reached != source->pause) {
		codec_fail(codec, "the streams are not paused");
	} else if (source->pause >= source->end) {
		codec_fail(codec, "the position is after the time range");
	} else {
		hold(source);
		codec_source(source, codec);
		release(source);
	}
}

bool source_load(struct source *source, struct codec *codec)
{
	if (!source_can_seek(source))
		return codec_fail(codec, "this reader cannot seek");
	source_rewind(source);
	hold(source);
	codec_source(source, codec);
	release(source);
	if (codec->failed) {
		source_rewind(source);
		return false;
	}
	g_ptr_array_set_size(source->hungry, 0);
	for (guint i = 0; i < source->streams->len; i++) {
		struct stream *stream = stream_at(source, i);

		source_note_seen(source, stream);
		if (!stream->ended)
			g_ptr_array_add(source->paused, stream);
	}
	source->reached = source->pause;
	return true;
}

static void forget_counts(struct source_stream *facts)
{
	facts->events = facts->lost_events = facts->lost_packets = 0;
	facts->lost_begin = facts->lost_end = 0;
}

void source_forget_counts(struct source *source)
{
	hold(source);
	for (guint i = 0; i < source->streams->len; i++) {
		forget_counts(&stream_at(source, i)->facts);
		forget_counts(&latest(source, i)->facts);
	}
	release(source);
}

/* ---- Facts ---- */

uint64_t source_bytes(const struct source *source, uint64_t *total)
{
	uint64_t bytes = 0;

	for (guint i = 0; i < source->streams->len; i++)
		bytes += stream_at(source, i)->bytes;
	*total = source->bytes;
	return bytes;
}

void source_identity(const struct source *source, GString *text)
{
	if (source->reader->identity)
		source->reader->identity(source, text);
}
