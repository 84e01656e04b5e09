/*
 * From the packets of one stream to records: of the wanted events only, of packets, and of what is
 * missing.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/ctf/ctf.h"

#include "state/events.h"

/* How many events are looked at before the caller hears of it, wanted or not. */
#define EVENTS_AHEAD 65536

/* Memory behind the reader is given back in pieces of this size. */
#define FORGET_BYTES (1 << 18)

/*
 * So much is fetched from the disk ahead of the reader: for each stream, and for all together. The
 * kernel by itself goes no further than 128 KB on most machines.
 */
#define READ_AHEAD_MAX (UINT64_C(4) << 20)
#define READ_AHEAD_MIN (UINT64_C(128) << 10)
#define READ_AHEAD_ALL (UINT64_C(64) << 20)

/* How much later than the end of the last packet an event of old tracers can be, ns. */
#define LATE_EVENT 1000000000

/* The most records that a packet's begin or end needs. */
#define PACKET_RECORDS (GAP_RECORDS + 3)

/* Values of the two gaps that a packet can end with. */
#define END_VALUES (2 * GAP_VALUES + PACKET_END_VALUES)

/* The tracer's headers: an id, and behind it a time, or a longer id and time. */
#define COMPACT_BITS      32
#define COMPACT_ID_BITS   5
#define COMPACT_EXTENDED  31
#define COMPACT_LONG_BITS 104
#define LARGE_BITS        48
#define LARGE_EXTENDED    65535
#define LARGE_LONG_BITS   112
#define LARGE_TIME_BITS   32
#define COMPACT_TIME_BITS 27

void ctf_stream_free(gpointer data)
{
	struct ctf_stream *stream = data;

	g_ptr_array_unref(stream->files);
	g_ptr_array_unref(stream->used_up);
	g_ptr_array_unref(stream->all);
	g_free(stream->opened_damage);
	g_free((char *)stream->out->facts.damage);
	if (stream->out != &stream->stream)
		stream_clear(stream->out);
	stream_clear(&stream->stream);
	g_free(stream);
}

/* Notes damage at a byte of a file. */
static void note_damage(
	struct ctf_stream *stream, const struct ctf_file *file, uint64_t offset, const char *why)
{
	struct source_stream *facts = &stream->out->facts;
	const struct feed *feed = stream->out->source->feed;
	char *name;

	if (facts->damaged++ > 0)
		return;
	/* What a feed has is not where people would look for it. */
	name = feed && feed->name ? g_path_get_basename(file->path) : g_strdup(file->path);
	facts->damage = g_strdup_printf("%s%s%s, byte %" G_GUINT64_FORMAT ": %s",
		feed && feed->name ? feed->name : "", feed && feed->name ? ": " : "", name, offset,
		why);
	g_free(name);
}

/* What the loop over a packet's events needs to know, and where it has come to. */
struct loop {
	int64_t limit; /* what is later is beyond the limits or the pause, or is damage */
	int64_t from;  /* events before are not counted */
	uint64_t events;
	size_t records;
	uint64_t at;    /* before the header that was read last */
	uint64_t clock; /* the time's value there, if headers are read field by field */
};

/* ---- Packets ---- */

static bool comes_before(const struct ctf_file *a, const struct ctf_file *b)
{
	if (a->has_next != b->has_next)
		return a->has_next;
	return a->next.begin != b->next.begin ? a->next.begin < b->next.begin
					      : strcmp(a->path, b->path) < 0;
}

/* Puts the first file, whose next packet has changed, where it belongs now. */
static void sort_first(struct ctf_stream *stream)
{
	gpointer *files = stream->files->pdata;

	for (guint i = 0; i + 1 < stream->files->len && comes_before(files[i + 1], files[i]); i++) {
		gpointer swap = files[i];

		files[i] = files[i + 1];
		files[i + 1] = swap;
	}
}

static gint compare_files(gconstpointer a, gconstpointer b)
{
	return comes_before(*(struct ctf_file *const *)a, *(struct ctf_file *const *)b) ? -1 : 1;
}

void ctf_stream_sort_all(struct ctf_stream *stream)
{
	g_ptr_array_sort(stream->files, compare_files);
}

/* Whether two snapshots have the same packet. */
static bool is_same(const struct ctf_packet *a, const struct ctf_packet *b)
{
	return a->begin == b->begin && a->end == b->end && a->size == b->size &&
	       a->seq_num == b->seq_num;
}

/* Finds the packet behind the one that the first file has at hand. */
static void advance_file(struct ctf_stream *stream)
{
	struct ctf_file *file = g_ptr_array_index(stream->files, 0);
	struct ctf_packet packet = file->next;
	const char *why;
	uint64_t where;

	stream->out->bytes += MIN(packet.size, file->size - packet.offset);
	if (stream->out->source->keeps > 0)
		ctf_keep_packet(stream, file, &packet);
	file->passed = packet;
	file->has_passed = true;
	why = ctf_file_advance(&stream->trace->format, file, &packet, &where);
	if (why)
		note_damage(stream, file, where, why);
	if (file->has_next && file->next.stream != packet.stream) {
		note_damage(stream, file, file->next.offset, "a packet belongs to another stream");
		file->has_next = false;
	}
	sort_first(stream);
}

void ctf_stream_look_on(struct ctf_stream *stream, struct ctf_file *file)
{
	const char *why;
	uint64_t where;

	why = ctf_file_advance(
		&stream->trace->format, file, file->has_passed ? &file->passed : NULL, &where);
	if (why)
		note_damage(stream, file, where, why);
}

/* Makes the first file readable; one that is no more is damage. */
static bool map_first(struct ctf_stream *stream)
{
	struct ctf_file *file = g_ptr_array_index(stream->files, 0);
	struct ctf_packet again;
	GError *error = NULL;

	if (file->base)
		return true;
	if (!ctf_file_map(file, &error)) {
		note_damage(stream, file, file->next.offset, error->message);
		g_error_free(error);
	} else if (file->next.offset >= file->size ||
		   ctf_packet_read(&stream->trace->format, file, file->next.offset, &again) ||
		   !is_same(&again, &file->next) || again.end_bits != file->next.end_bits) {
		note_damage(stream, file, file->next.offset,
			"the file has changed since the trace was opened");
	} else {
		return true;
	}
	file->has_next = false;
	sort_first(stream);
	return false;
}

/* The file with the next packet; NULL if there is none. */
static struct ctf_file *next_file(const struct ctf_stream *stream)
{
	struct ctf_file *file = stream->files->len ? g_ptr_array_index(stream->files, 0) : NULL;

	return file && file->has_next ? file : NULL;
}

/*
 * Skips copies of the packet that was just read: snapshots can have the same one, in other files.
 */
static void skip_copies(struct ctf_stream *stream)
{
	const struct ctf_file *next;

	while ((next = next_file(stream)) && next != stream->file && next->next.has_begin &&
		is_same(&next->next, &stream->packet))
		if (map_first(stream))
			advance_file(stream);
}

/* The last of the files that has no packets left, and will get none; -1 if there is no such file. */
static int last_used_up(const struct ctf_stream *stream)
{
	int i = (int)stream->files->len - 1;

	for (; i >= 0; i--) {
		const struct ctf_file *file = g_ptr_array_index(stream->files, (guint)i);

		/* Those that have some are the first ones. */
		if (file->has_next)
			return -1;
		if (!file->grows)
			return i;
	}
	return i;
}

/* Puts away the files without packets left: records of theirs may not have been delivered yet. */
static void put_used_up_away(struct ctf_stream *stream)
{
	int i;

	while ((i = last_used_up(stream)) >= 0)
		g_ptr_array_add(stream->used_up, g_ptr_array_steal_index(stream->files, (guint)i));
}

/* The difference of two values of a counter that wraps around, with its sign. */
static int64_t counter_step(uint64_t before, uint64_t now, unsigned int bits)
{
	return bits_signed(now - before, bits);
}

/* How many packets should be between the last one and one that follows it. */
static uint64_t lost_packets(const struct ctf_stream *stream, const struct ctf_packet *packet)
{
	const struct ctf_packet *before = &stream->before;

	if (!stream->has_before || !packet->has_seq_num || packet->seq_num <= before->seq_num)
		return 0;
	return packet->seq_num - before->seq_num - 1;
}

/* Tells of packets that are missing before this one. */
static void find_lost_packets(struct ctf_stream *stream, int64_t begin)
{
	int64_t gap_begin = MAX(stream->out->now, stream->packet_end);
	uint64_t lost = lost_packets(stream, &stream->packet);

	if (lost > 0)
		stream_gap(stream->out, EV_lost_packets, lost, MIN(gap_begin, begin), begin);
}

/* Whether the tracer may have noted the ends of packets too early. */
static bool has_late_events(const struct ctf_stream *stream)
{
	const struct source_trace *trace = &stream->trace->facts;

	return trace->tracer_major >= 0 && trace->tracer_major <= 2 &&
	       (trace->tracer_major < 2 || trace->tracer_minor < 11);
}

/*
 * Until when the packet can have events: the next one's begin, or its own end, which some tracers
 * note too early.
 */
static int64_t last_event(const struct ctf_stream *stream)
{
	const struct ctf_packet *packet = &stream->packet;
	const struct ctf_file *next = next_file(stream);
	bool has_end = packet->has_end && packet->end >= packet->begin;

	/* What follows will tell. */
	if (!next && stream->grows)
		return INT64_MAX;
	if (next && next->next.has_begin && has_end)
		return ctf_packet_time(&stream->set->time, MAX(packet->end, next->next.begin));
	if (!has_end)
		return INT64_MAX;
	return time_later(ctf_packet_time(&stream->set->time, packet->end),
		has_late_events(stream) ? LATE_EVENT : 0);
}

void ctf_stream_set_end(struct ctf_stream *stream)
{
	const struct ctf_file *file = stream->file;
	struct ctf_packet *packet = &stream->packet;

	stream->end = packet->end_bits;
	if (packet->is_cut && file->has_next) {
		/* It claims more than the file has; but another one follows. */
		packet->is_cut = false;
		stream->end = MIN(stream->end, 8 * (file->next.offset - packet->offset));
	}
	stream->last_event = last_event(stream);
}

/*
 * Whether the pause comes before a packet, which begins at `begin`: then a gap that begins before
 * the pause is told, and all else is left for later.
 */
static bool pause_before(struct ctf_stream *stream, const struct ctf_packet *packet, int64_t begin)
{
	struct stream *base = stream->out;
	int64_t gap_begin = MAX(base->now, stream->packet_end);
	uint64_t lost = lost_packets(stream, packet);

	if (begin <= base->source->pause || stream_is_past(base, begin))
		return false;
	if (lost > 0 && gap_begin <= base->source->pause)
		stream_tell_gap(base, lost, gap_begin);
	base->paused = true;
	return true;
}

/* What is read next are the events of the packet, which is the first file's. */
static void enter_packet(struct ctf_stream *stream, struct ctf_file *file)
{
	const struct ctf_packet *packet = &stream->packet;

	if (stream->reading != file)
		stream->kept_from = 0;
	stream->file = stream->reading = file;
	stream->base = file->base + packet->offset;
	stream->at = packet->begin_bits;
	if (packet->has_begin)
		stream->clock = packet->begin;
	advance_file(stream);
	skip_copies(stream);
	ctf_stream_set_end(stream);
}

/*
 * Begins the first file's packet, if it does not begin after a pause; false if it is beyond the
 * limits.
 */
static bool begin_packet(struct ctf_stream *stream, struct ctf_file *file)
{
	struct stream *base = stream->out;
	const struct ctf_packet *packet = &file->next;
	int64_t begin;

	begin = packet->has_begin ? ctf_packet_time(&stream->set->time, packet->begin) : base->now;
	/* Streams that grow are complete up to a pause, or so it seemed. */
	if (base->source->feed && begin <= base->source->reached)
		base->now = base->late = base->source->reached;
	begin = MAX(begin, base->now);
	if (packet->has_cpu && packet->cpu <= INT32_MAX)
		base->facts.cpu = (int32_t)packet->cpu;
	stream_room(base, PACKET_RECORDS, GAP_VALUES);
	if (pause_before(stream, packet, begin))
		return true;
	stream->packet = *packet;
	packet = &stream->packet;
	if (packet->has_discarded)
		stream_lose(base, stream->has_before
					  ? counter_step(stream->before.discarded,
						    packet->discarded, packet->discarded_bits)
					  : packet->discarded > 0);
	find_lost_packets(stream, begin);
	if (begin > base->high || begin > base->source->end) {
		if (base->n_records > 0)
			base->now = MAX(base->now, base->records[base->n_records - 1].time);
		base->cut = begin > base->source->end;
		return false;
	}
	if (packet->has_begin && !base->begun) {
		stream_push(base, begin, EV_stream_begin);
		base->begun = true;
	}
	if (packet->has_begin)
		stream_push(base, begin, EV_packet_begin);
	base->now = begin;
	enter_packet(stream, file);
	return true;
}

/* When the packet ends, as its header tells; without that, with its last event. */
static int64_t own_end(const struct ctf_stream *stream)
{
	const struct ctf_packet *packet = &stream->packet;

	if (packet->has_end && packet->end >= packet->begin)
		return ctf_packet_time(&stream->set->time, packet->end);
	return stream->out->now;
}

/* Not after the begin of the next packet, whatever old tracers say. */
static int64_t end_of_packet(const struct ctf_stream *stream)
{
	const struct ctf_file *next = next_file(stream);
	int64_t end = own_end(stream);

	if (next && next->next.has_begin)
		end = MIN(end, ctf_packet_time(&stream->set->time, next->next.begin));
	return MAX(end, stream->out->now);
}

/* When the packet after this one begins; INT64_MAX if there is none. */
static int64_t begin_of_next(const struct ctf_stream *stream)
{
	const struct ctf_file *next = next_file(stream);

	if (!next)
		return stream->grows ? stream->quiet : INT64_MAX;
	return next->next.has_begin ? ctf_packet_time(&stream->set->time, next->next.begin)
				    : VALUE_ABSENT;
}

/*
 * Back to before the header that has been read last. The tracer's headers lead to the same time
 * when they are read again, from there.
 */
static void step_back(struct ctf_stream *stream, const struct loop *loop)
{
	stream->at = loop->at;
	if (stream->set->header == CTF_ANY_HEADER)
		stream->clock = loop->clock;
	stream->out->paused = true;
}

/*
 * Whether the pause comes before the end of the packet: then a gap that begins before the pause is
 * told, and all else is left for later, when what ends the packet will be met again.
 */
static bool pause_before_end(
	struct ctf_stream *stream, const char *why, const struct loop *loop, int64_t end)
{
	struct stream *base = stream->out;

	if (end <= base->source->pause)
		return false;
	if (base->gap_events && base->now > INT64_MIN)
		stream_tell_gap(base, base->gap_events, base->now);
	else if (why && !base->gap_events)
		stream_tell_gap(base, 1, base->now);
	step_back(stream, loop);
	return true;
}

/*
 * Ends a packet, of which `why` (or NULL) could not be read on at `at`; unless a pause is before.
 */
static void end_packet(struct ctf_stream *stream, const char *why, const struct loop *loop)
{
	struct stream *base = stream->out;
	const struct ctf_packet *packet = &stream->packet;
	int64_t end = end_of_packet(stream), damage_begin = base->now;
	bool past = stream_is_past(base, end);

	if (packet->is_cut)
		why = "the file ends in the middle of a packet";
	stream_room(base, PACKET_RECORDS + GAP_RECORDS, END_VALUES);
	if (!past && pause_before_end(stream, why, loop, end))
		return;
	stream->packet_end = own_end(stream);
	if (base->gap_events)
		damage_begin = end;
	stream_flush_gap(base, end);
	if (why) {
		note_damage(stream, stream->file, packet->offset + stream->at / 8, why);
		stream_gap(base, EV_lost_packets, 1, damage_begin, end);
	}
	base->now = end;
	if (past) {
		stream_cut(base);
		return;
	}
	stream->told = !next_file(stream) && stream->grows ? stream->quiet : VALUE_ABSENT;
	if (packet->has_end && end <= base->high)
		stream_end_packet(base, end, begin_of_next(stream));
	stream->before = *packet;
	stream->has_before = true;
	stream->file = NULL;
}

static void end_stream(struct ctf_stream *stream)
{
	struct stream *base = stream->out;

	stream_room(base, PACKET_RECORDS, GAP_VALUES);
	stream_flush_gap(base, base->now);
	stream_end(base);
}

/* ---- Events ---- */

/* The clock's value after `clock` whose low `bits` are these. */
static inline uint64_t clock_at(uint64_t clock, uint64_t low, unsigned int bits)
{
	uint64_t mask = (UINT64_C(1) << bits) - 1;
	uint64_t value = (clock & ~mask) | low;

	return value < clock ? value + mask + 1 : value;
}

static const char cut_event[] = "an event extends past the end of its packet";
static const char unknown_event[] = "the metadata does not describe the event's class";

/* Reads a header field by field. */
static const char *read_any_header(
	const struct ctf_node *node, struct ctf_cursor *cursor, uint64_t *id, uint64_t *clock)
{
	const char *why = NULL;

	if (node->type->kind == CTF_INT) {
		uint64_t value;

		if (!ctf_read(node, cursor, &value))
			return cut_event;
		if (node->role == CTF_EVENT_ID)
			*id = value;
		else if (node->role == CTF_TIMESTAMP || node->type->clock)
			*clock = node->type->size < 64
					 ? clock_at(*clock,
						   value & ((UINT64_C(1) << node->type->size) - 1),
						   node->type->size)
					 : value;
		return NULL;
	}
	if (node->type->kind == CTF_VARIANT || node->type->kind == CTF_OPTION) {
		const struct ctf_node *option = ctf_choose(node, cursor);

		if (option)
			return read_any_header(option, cursor, id, clock);
		return node->type->kind == CTF_OPTION
			       ? NULL
			       : "the metadata does not describe the event's header";
	}
	if (node->type->kind != CTF_STRUCT)
		return ctf_skip(node, cursor) ? NULL : cut_event;
	if (!ctf_align(cursor, node->align))
		return cut_event;
	for (unsigned int i = 0; i < node->n_children && !why; i++)
		why = read_any_header(&node->children[i], cursor, id, clock);
	return why;
}

static inline uint64_t load_le(const uint8_t *p, size_t bytes)
{
	uint64_t value = 0;

	memcpy(&value, p, bytes);
	return GUINT64_FROM_LE(value);
}

/*
 * Reads the header at stream->at, which is before the end; returns what is wrong with it, or NULL.
 */
static inline __attribute__((always_inline)) const char *read_header(
	struct ctf_stream *stream, enum ctf_header header, uint64_t *id)
{
	const uint8_t *p = stream->base + stream->at / 8;
	uint64_t left = stream->end - stream->at;
	const char *why;

	if (header == CTF_COMPACT) {
		uint32_t word;

		if (left < COMPACT_BITS)
			return cut_event;
		word = (uint32_t)load_le(p, 4);
		*id = word % (1u << COMPACT_ID_BITS);
		if (*id != COMPACT_EXTENDED) {
			stream->clock =
				clock_at(stream->clock, word >> COMPACT_ID_BITS, COMPACT_TIME_BITS);
			stream->at += COMPACT_BITS;
			return NULL;
		}
		if (left < COMPACT_LONG_BITS)
			return cut_event;
		*id = load_le(p + 1, 4);
		stream->clock = load_le(p + 5, 8);
		stream->at += COMPACT_LONG_BITS;
		return NULL;
	}
	if (header == CTF_LARGE) {
		if (left < LARGE_BITS)
			return cut_event;
		*id = load_le(p, 2);
		if (*id != LARGE_EXTENDED) {
			stream->clock = clock_at(stream->clock, load_le(p + 2, 4), LARGE_TIME_BITS);
			stream->at += LARGE_BITS;
			return NULL;
		}
		if (left < LARGE_LONG_BITS)
			return cut_event;
		*id = load_le(p + 2, 4);
		stream->clock = load_le(p + 6, 8);
		stream->at += LARGE_LONG_BITS;
		return NULL;
	}
	stream->cursor.base = stream->base;
	stream->cursor.at = stream->at;
	stream->cursor.end = stream->end;
	*id = stream->set->only_id;
	why = read_any_header(
		stream->set->header_layout.scopes[0], &stream->cursor, id, &stream->clock);
	stream->at = stream->cursor.at;
	return why;
}

/* The CPU of an event at stream->at that is all there: that of the stream, or its own. */
static inline int32_t event_cpu(
	struct ctf_stream *stream, const struct ctf_class *class, int64_t time)
{
	if (class->cpu.scope == CTF_N_SCOPES)
		return stream->out->facts.cpu;
	return stream_event_cpu(
		stream->out, time, ctf_event_cpu(class, stream->base, stream->at, stream->end));
}

/*
 * Makes a record of an event at stream->at, or moves behind it; returns whether that was possible.
 */
static bool take_event(struct ctf_stream *stream, struct ctf_hot *hot, int64_t time)
{
	struct ctf_class *class = hot->class;
	const struct ctf_plan *plan = ctf_class_plan(class, hot);
	struct ctf_cursor *cursor = &stream->cursor;
	struct ctf_extent *extent;
	struct record *rec;
	int64_t *v = NULL;

	cursor->base = stream->base;
	cursor->at = stream->at;
	cursor->end = stream->end;
	if (class->wanted)
		v = &stream->out->values[stream->out->n_values];
	if (!ctf_plan_run(plan, cursor, v))
		return false;
	if (class->wanted && !stream_is_copy(stream->out, class->number, time)) {
		int32_t cpu = event_cpu(stream, class, time);

		stream->out->n_values += class->slots->len;
		rec = stream_push(stream->out, time, class->kind);
		rec->cpu = cpu;
		rec->class_no = class->number;
		rec->sub = class->sub;
		rec->v = v;
		if (class->keeps) {
			extent = (struct ctf_extent *)(void *)stream_values(
				stream->out, sizeof(*extent) / sizeof(int64_t));
			*extent = (struct ctf_extent){stream->base, stream->at, stream->end};
			rec->handle = extent;
		}
	}
	stream->at = cursor->at;
	return true;
}

/*
 * Skips an event at stream->at that came too late: what is after it has been delivered. Returns what is wrong with it,
 * or NULL.
 */
static __attribute__((cold, noinline)) const char *skip_late(
	struct ctf_stream *stream, uint64_t id, const char *why)
{
	struct ctf_hot *hots = (struct ctf_hot *)(void *)stream->set->hot->data;
	struct ctf_cursor *cursor = &stream->cursor;

	if (id >= stream->set->hot->len || !hots[id].class)
		return why;
	cursor->base = stream->base;
	cursor->at = stream->at;
	cursor->end = stream->end;
	if (!ctf_plan_run(ctf_class_plan(hots[id].class, &hots[id]), cursor,
		    &stream->out->values[stream->out->n_values]))
		return why;
	stream->at = cursor->at;
	stream->out->facts.late++;
	return NULL;
}

/* What came of a packet's events. */
enum outcome { MORE, PACKET_DONE, LIMIT_REACHED, PAUSED, DAMAGED };

/*
 * What is wrong with the event at stream->at, or NULL. The gap that is in the place of one that is
 * damaged begins before it, so that one after a pause is looked at, too.
 */
static const char *check_event(struct ctf_stream *stream, uint64_t id)
{
	const GArray *hots = stream->set->hot;
	struct ctf_cursor *cursor = &stream->cursor;
	struct ctf_hot *hot;

	if (id >= hots->len || !g_array_index(hots, struct ctf_hot, id).class)
		return unknown_event;
	hot = &g_array_index(hots, struct ctf_hot, id);
	cursor->base = stream->base;
	cursor->at = stream->at;
	cursor->end = stream->end;
	/* There is room for its values. */
	return ctf_plan_run(ctf_class_plan(hot->class, hot), cursor,
		       &stream->out->values[stream->out->n_values])
		       ? NULL
		       : cut_event;
}

/*
 * The time of the event is after the limit: the stream's, the pause, or that of what is wanted.
 * Returns what is wrong with that, or NULL.
 */
static __attribute__((cold, noinline)) const char *pass_limit(
	struct ctf_stream *stream, uint64_t id, int64_t time)
{
	struct stream *base = stream->out;
	const struct source *source = base->source;
	const char *why = NULL;

	if (time > stream->last_event)
		return "an event is later than the end of its packet";
	if (time > source->pause) {
		why = check_event(stream, id);
		if (why && time <= MIN(base->high, source->end))
			return why;
	}
	base->cut = time > source->end && (why || time <= source->pause);
	return NULL;
}

static inline __attribute__((always_inline)) enum outcome read_events(
	struct ctf_stream *stream, enum ctf_header header, struct loop *loop, const char **why)
{
	struct stream *base = stream->out;
	struct ctf_hot *hots = (struct ctf_hot *)(void *)stream->set->hot->data;
	const struct ctf_time *times = &stream->set->time;
	uint64_t n_hots = stream->set->hot->len;
	bool counts = base->source->counts, awake = base->awake;
	int64_t now = base->now;
	uint64_t seen = 0;
	bool any = false;
	enum outcome outcome = MORE;

	while (base->n_records < loop->records && loop->events > 0) {
		struct ctf_hot *hot;
		uint64_t id;
		int64_t time;

		loop->events--;
		loop->at = stream->at;
		if (header == CTF_ANY_HEADER)
			loop->clock = stream->clock;
		stream->at = bits_align(stream->at, stream->set->header_align);
		if (stream->at >= stream->end) {
			outcome = PACKET_DONE;
			break;
		}
		*why = read_header(stream, header, &id);
		outcome = DAMAGED;
		if (*why)
			break;
		*why = "a timestamp is out of range";
		if (stream->clock > times->max)
			break;
		time = ctf_time_ns(times, stream->clock);
		*why = "time goes back";
		if (time < now) {
			*why = time <= base->late ? skip_late(stream, id, *why) : *why;
			if (*why)
				break;
			outcome = MORE;
			continue;
		}
		if (time > loop->limit) {
			*why = pass_limit(stream, id, time);
			if (!*why)
				outcome = time > base->source->pause && !stream_is_past(base, time)
						  ? PAUSED
						  : LIMIT_REACHED;
			break;
		}
		if (!base->awake) {
			stream_push(base, time, EV_first_event);
			base->awake = true;
		}
		*why = unknown_event;
		if (id >= n_hots || !hots[id].class)
			break;
		hot = &hots[id];
		*why = cut_event;
		if (hot->bytes >= 0 && (header != CTF_ANY_HEADER || stream->at % 8 == 0)) {
			if ((uint64_t)hot->bytes * 8 > stream->end - stream->at)
				break;
			stream->at += (uint64_t)hot->bytes * 8;
		} else if (!take_event(stream, hot, time)) {
			break;
		}
		*why = NULL;
		outcome = MORE;
		now = time;
		any = true;
		if (time >= loop->from) {
			if (!base->seen)
				stream_see(base, time);
			seen++;
			if (counts)
				hot->class->facts.events++;
		}
	}
	/* What can't be read is no event, nor the first one. */
	if (outcome == DAMAGED && !any && base->awake != awake) {
		base->awake = awake;
		base->n_records--;
	}
	base->now = now;
	base->facts.events += seen;
	if (any)
		stream_see(base, now);
	return outcome;
}

/* One instance for each kind of header: the loop has no branch for it. */
static enum outcome read_on(struct ctf_stream *stream, struct loop *loop, const char **why)
{
	switch (stream->set->header) {
	case CTF_COMPACT:
		return read_events(stream, CTF_COMPACT, loop, why);
	case CTF_LARGE:
		return read_events(stream, CTF_LARGE, loop, why);
	default:
		return read_events(stream, CTF_ANY_HEADER, loop, why);
	}
}

/*
 * More may be known by now of when the next packet begins: of a stream that waits, models are to know that before
 * anything that follows.
 */
static void tell_wait(struct ctf_stream *stream)
{
	struct stream *base = stream->out;
	int64_t next = begin_of_next(stream);

	if (stream->told == VALUE_ABSENT || next == VALUE_ABSENT || next <= stream->told)
		return;
	stream_room(base, PACKET_RECORDS, GAP_VALUES);
	stream_wait(base, MAX(base->now, time_later(base->source->reached, 1)), next);
	stream->told = next_file(stream) ? VALUE_ABSENT : next;
}

/*
 * Goes on to the next packet, if that is before the pause; ends the stream if there is none, or it
 * is beyond the limits.
 */
static void next_packet(struct ctf_stream *stream)
{
	put_used_up_away(stream);
	if (stream->grows)
		tell_wait(stream);
	if (!next_file(stream) && stream->grows)
		stream->out->paused = true;
	else if (!next_file(stream))
		end_stream(stream);
	else if (map_first(stream) && !begin_packet(stream, next_file(stream)))
		stream_cut(stream->out);
}

/* Gives back the memory of a file up to what may still be looked at; its feed may do more. */
static void forget_file(const struct ctf_stream *stream, struct ctf_file *file)
{
	struct feed *feed = stream->out->source->feed;

	ctf_file_forget(file, stream->kept_from);
	if (feed && feed->passed && stream->out->source->keeps == 0)
		feed->passed(feed, file->path, 0, stream->kept_from);
}

/*
 * Gives back memory behind the reader. The records of the last feed may still be looked at, if a
 * second thread is ahead of them.
 */
static void forget_behind(struct ctf_stream *stream)
{
	const struct ctf_packet *packet = &stream->packet;

	if (!stream->reading)
		return;
	if (stream->kept_from >= stream->reading->forgotten + FORGET_BYTES)
		forget_file(stream, stream->reading);
	stream->kept_from = packet->offset + (stream->file ? stream->at / 8 : packet->size);
}

/* Lets the kernel fetch what comes next. */
static void read_ahead(struct ctf_stream *stream)
{
	const struct source *source = stream->out->source;
	uint64_t offset = stream->packet.offset + stream->at / 8;

	if (stream->file)
		ctf_file_read_ahead(stream->reading, offset,
			CLAMP(READ_AHEAD_ALL / source->streams->len, READ_AHEAD_MIN,
				READ_AHEAD_MAX));
}

/* By now, what was read from them has been delivered. */
static void close_used_up(struct ctf_stream *stream)
{
	for (guint i = 0; i < stream->used_up->len; i++)
		ctf_file_unmap(g_ptr_array_index(stream->used_up, i));
	g_ptr_array_set_size(stream->used_up, 0);
}

void ctf_stream_feed(struct ctf_stream *stream)
{
	struct stream *base = stream->out;
	const struct ctf_source *source = ctf_of(base->source);
	struct loop loop = {
		.from = stream_counted_from(base),
		.events = EVENTS_AHEAD,
		.records = source->records_ahead,
	};
	const char *why = NULL;

	stream_forget(base);
	close_used_up(stream);
	forget_behind(stream);
	read_ahead(stream);
	base->paused = base->cut = false;
	while (!base->ended && !base->paused && base->n_records < loop.records && loop.events > 0) {
		if (!stream->file) {
			if (base->n_records > 0 && last_used_up(stream) >= 0)
				break;
			next_packet(stream);
			read_ahead(stream);
			continue;
		}
		/*
		 * Handles point to values, which must not move once there are some: so this is all
		 * the room for them, that of the packet's end included; and for the begin of a CPU.
		 */
		stream_room(base, loop.records - base->n_records + 1,
			(loop.records - base->n_records) * source->values_max + END_VALUES);
		loop.limit = MIN(MIN(base->high, base->source->end), stream->last_event);
		loop.limit = MIN(loop.limit, base->source->pause);
		switch (read_on(stream, &loop, &why)) {
		case MORE:
			break;
		case PACKET_DONE:
			end_packet(stream, NULL, &loop);
			break;
		case LIMIT_REACHED:
			stream_cut(base);
			break;
		case PAUSED:
			step_back(stream, &loop);
			break;
		case DAMAGED:
			end_packet(stream, why, &loop);
			break;
		}
	}
}
