/*
 * Streams on their way to records: what the readers of traces share.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/source/reader.h"

#include "state/events.h"

#include <string.h>

G_STATIC_ASSERT(GAP_VALUES >= F_gap_begin_COUNT + F_lost_events_COUNT);
G_STATIC_ASSERT((int)F_lost_events_COUNT == (int)F_lost_packets_COUNT);

/* How much room is made beyond what is asked for; the fuzzer wants to see what is beyond that. */
#ifndef MORE_RECORDS
#define MORE_RECORDS 64
#endif
#ifndef MORE_VALUES
#define MORE_VALUES 512
#endif

void stream_clear(struct stream *stream)
{
	g_free(stream->records);
	g_free(stream->values);
	g_free((char *)stream->facts.name);
}

void stream_rewind(struct stream *stream)
{
	struct source_stream *facts = &stream->facts;

	stream_forget(stream);
	facts->cpu = CPU_UNKNOWN;
	facts->events = facts->lost_events = facts->lost_packets = 0;
	facts->lost_begin = facts->lost_end = 0;
	memset(facts->event_cpus, 0, sizeof(facts->event_cpus));
	stream->tells_cpus = false;
	stream->now = INT64_MIN;
	stream->lost_counter = stream->lost_top = 0;
	stream->gap_events = 0;
	stream->bytes = 0;
	stream->first = stream->last = 0;
	stream->gap_begun = stream->seen = false;
	stream->awake = false;
	stream->late = INT64_MIN;
	stream->begun = stream->ended = stream->paused = stream->cut = false;
}

void stream_forget(struct stream *stream)
{
	stream->n_records = 0;
	stream->n_values = 0;
	stream->next = 0;
}

void stream_room(struct stream *stream, size_t records, size_t values)
{
	if (stream->n_records + records > stream->records_room) {
		stream->records_room = stream->n_records + records + MORE_RECORDS;
		stream->records = g_renew(struct record, stream->records, stream->records_room);
	}
	if (stream->n_values + values > stream->values_room) {
		const int64_t *old = stream->values;
		int64_t *renewed = g_new(int64_t, stream->n_values + values + MORE_VALUES);

		for (size_t i = 0; i < stream->n_values; i++)
			renewed[i] = old[i];
		for (size_t i = 0; i < stream->n_records; i++)
			if (stream->records[i].v)
				stream->records[i].v = renewed + (stream->records[i].v - old);
		g_free(stream->values);
		stream->values = renewed;
		stream->values_room = stream->n_values + values + MORE_VALUES;
	}
}

void stream_end_packet(struct stream *stream, int64_t end, int64_t next)
{
	struct record *rec = stream_push(stream, end, EV_packet_end);
	int64_t *v = stream_values(stream, PACKET_END_VALUES);

	v[F_PROCNAME] = VALUE_ABSENT;
	v[F_packet_end_next] = next;
	rec->v = v;
	if (next == VALUE_ABSENT || time_span(end, next) >= QUIET_MIN)
		stream->awake = false;
}

void stream_wait(struct stream *stream, int64_t time, int64_t next)
{
	struct record *rec = stream_push(stream, time, EV_packet_wait);
	int64_t *v = stream_values(stream, F_packet_wait_COUNT);

	v[F_PROCNAME] = VALUE_ABSENT;
	v[F_packet_wait_next] = next;
	rec->v = v;
}

bool stream_see(struct stream *stream, int64_t time)
{
	const struct source *source = stream->source;

	if (time > stream->high || time > source->end)
		return false;
	if (time >= source->begin && time >= stream->low) {
		if (!stream->seen || time < stream->first)
			stream->first = time;
		if (!stream->seen || time > stream->last)
			stream->last = time;
		stream->seen = true;
	}
	return true;
}

/*
 * The most records that a caller may have made room for, and not used, when it tells of a gap:
 * three for each message of a batch of libbabeltrace2's, which has 15.
 */
#define PENDING 256

/*
 * Tells the same of each CPU that events have told so far. Makes room for that: only records move,
 * which have no handle of each other.
 */
static void push_for_cpus(struct stream *stream, int64_t time, uint16_t kind, const int64_t *v)
{
	for (int32_t cpu = 0; stream->tells_cpus && cpu < SOURCE_CPUS; cpu++) {
		struct record *rec;

		if (!(stream->facts.event_cpus[cpu / 64] >> cpu % 64 & 1))
			continue;
		stream_room(stream, 1 + PENDING, 0);
		rec = stream_push(stream, time, kind);
		rec->cpu = cpu;
		rec->v = v;
	}
}

int32_t stream_event_cpu(struct stream *stream, int64_t time, int64_t cpu)
{
	uint64_t *word, bit;

	if (cpu < 0 || cpu >= SOURCE_CPUS)
		return CPU_UNKNOWN;
	word = &stream->facts.event_cpus[cpu / 64];
	bit = UINT64_C(1) << cpu % 64;
	if (!(*word & bit))
		stream_push(stream, time, EV_stream_begin)->cpu = (int32_t)cpu;
	*word |= bit;
	stream->tells_cpus = true;
	return (int32_t)cpu;
}

void stream_cut(struct stream *stream)
{
	size_t n = stream->n_records;
	/* What has been looked at may be later than what has been told. */
	int64_t end = MAX(stream->high, n > 0 ? stream->records[n - 1].time : INT64_MIN);

	stream->ended = true;
	if (stream->high >= stream->source->end)
		return;
	stream_room(stream, 1, 0);
	stream_push(stream, end, EV_stream_end);
	push_for_cpus(stream, end, EV_stream_end, NULL);
}

void stream_end(struct stream *stream)
{
	stream_room(stream, 1, 0);
	stream_push(stream, stream->now, EV_stream_end);
	push_for_cpus(stream, stream->now, EV_stream_end, NULL);
	stream->ended = true;
}

static void push_gap_begin(struct stream *stream, uint64_t count, int64_t begin)
{
	struct record *rec = stream_push(stream, begin, EV_gap_begin);
	int64_t *v = stream_values(stream, F_gap_begin_COUNT);

	v[F_PROCNAME] = VALUE_ABSENT;
	v[F_gap_begin_count] = (int64_t)count;
	rec->v = v;
	push_for_cpus(stream, begin, EV_gap_begin, v);
}

void stream_tell_gap(struct stream *stream, uint64_t count, int64_t begin)
{
	if (stream->gap_begun || begin > MIN(stream->high, stream->source->end))
		return;
	push_gap_begin(stream, count, begin);
	stream->gap_begun = true;
}

void stream_gap(struct stream *stream, uint16_t kind, uint64_t count, int64_t begin, int64_t end)
{
	struct source_stream *facts = &stream->facts;
	const struct source *source = stream->source;
	int64_t limit = MIN(stream->high, source->end);
	bool told = stream->gap_begun;
	struct record *rec;
	int64_t *v;

	stream->gap_begun = false;
	if (end >= stream_counted_from(stream) && begin <= limit) {
		if (!facts->lost_events && !facts->lost_packets)
			facts->lost_begin = begin;
		facts->lost_end = end;
		if (kind == EV_lost_events)
			facts->lost_events += count;
		else
			facts->lost_packets += count;
	}
	if (begin > limit)
		return;
	if (!told)
		push_gap_begin(stream, count, begin);
	if (end > limit)
		return;
	rec = stream_push(stream, end, kind);
	v = stream_values(stream, F_lost_events_COUNT);
	v[F_PROCNAME] = VALUE_ABSENT;
	v[F_lost_events_count] = (int64_t)count;
	v[F_lost_events_begin] = begin;
	v[F_lost_events_end] = end;
	rec->v = v;
	/* The loss is told once; what follows it is a new begin for the others. */
	push_for_cpus(stream, end, EV_stream_begin, NULL);
}

void stream_flush_gap(struct stream *stream, int64_t end)
{
	int64_t begin = stream->now == INT64_MIN ? end : MIN(stream->now, end);

	if (stream->gap_events)
		stream_gap(stream, EV_lost_events, stream->gap_events, begin, end);
	stream->gap_events = 0;
}

/*
 * How many events a step of the tracer's counter means. The counter only grows; but packets may
 * have 0 between large values, a step far down and, some packets later, one back. What counts is by
 * how much the counter exceeds what it has been. One that grows while it is lower than that has
 * been reset: from then on its own steps count.
 */
static uint64_t lost_by_step(struct stream *stream, int64_t step)
{
	int64_t before = stream->lost_counter, now = (int64_t)((uint64_t)before + (uint64_t)step);
	int64_t base = now >= stream->lost_top ? stream->lost_top : before;

	stream->lost_counter = now;
	if (now <= base)
		return 0;
	stream->lost_top = now;
	return (uint64_t)now - (uint64_t)base;
}

void stream_lose(struct stream *stream, int64_t step)
{
	stream_flush_gap(stream, stream->now);
	stream->gap_events = lost_by_step(stream, step);
}

/* ---- Positions ---- */

static void codec_lost(struct source_stream *facts, struct codec *codec, int64_t pause)
{
	codec_u64(codec, &facts->events);
	codec_u64(codec, &facts->lost_events);
	codec_u64(codec, &facts->lost_packets);
	if (!facts->lost_events && !facts->lost_packets)
		return;
	codec_time(codec, &facts->lost_begin);
	codec_time(codec, &facts->lost_end);
	if (facts->lost_begin > facts->lost_end || facts->lost_end > pause)
		codec_fail(codec, "the time of lost events is invalid");
}

static void codec_damage(struct source_stream *facts, struct codec *codec)
{
	char *text = (char *)facts->damage;

	if (codec_reads(codec))
		g_free(text);
	codec_u64(codec, &facts->damaged);
	codec_text(codec, &text);
	facts->damage = text;
	if (!facts->damaged != !text)
		codec_fail(codec, "the record of damage is inconsistent");
}

static void codec_cpus(struct stream *stream, struct codec *codec)
{
	codec_bool(codec, &stream->tells_cpus);
	for (size_t i = 0; stream->tells_cpus && i < SOURCE_CPUS / 64; i++)
		codec_u64(codec, &stream->facts.event_cpus[i]);
}

static void codec_seen(struct stream *stream, struct codec *codec)
{
	codec_bool(codec, &stream->seen);
	if (!stream->seen)
		return;
	codec_time(codec, &stream->first);
	codec_time(codec, &stream->last);
	if (stream->first > stream->last || stream->last > stream->now)
		codec_fail(codec, "the time of events is invalid");
}

void stream_archive(struct stream *stream, struct codec *codec)
{
	struct source_stream *facts = &stream->facts;

	if (stream->cut)
		codec_fail(codec, "a stream was read to the end of the time range");
	codec_time(codec, &stream->now);
	codec_i64(codec, &stream->lost_counter);
	codec_i64(codec, &stream->lost_top);
	codec_u64(codec, &stream->gap_events);
	codec_bool(codec, &stream->gap_begun);
	codec_u64(codec, &stream->bytes);
	codec_bool(codec, &stream->begun);
	codec_bool(codec, &stream->awake);
	codec_bool(codec, &stream->ended);
	codec_i32(codec, &facts->cpu);
	codec_cpus(stream, codec);
	codec_lost(facts, codec, stream->source->pause);
	codec_damage(facts, codec);
	codec_seen(stream, codec);
	if (stream->now > stream->source->pause)
		codec_fail(codec, "a stream is ahead of the pause");
	/* What has been so far is before the limits. */
	if (codec_reads(codec) && stream->source->begin > INT64_MIN) {
		facts->events = facts->lost_events = facts->lost_packets = 0;
		facts->lost_begin = facts->lost_end = 0;
		stream->seen = false;
		stream->first = stream->last = 0;
	}
}
