/*
 * The insides of the native reader, shared by the files that it consists of.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CTF_H
#define LTTNGA_CTF_H

#include "host/ctf/nested.h"
#include "host/ctf/packet.h"
#include "host/ctf/plan.h"
#include "host/source/feed.h"
#include "host/source/reader.h"

/* Values of a clock to ns since the Epoch. */
struct ctf_time {
	int64_t base;
	uint64_t frequency;
	uint64_t max;              /* beyond this value it is not within 64 bits */
	struct source_clock clock; /* its offset is in the base already */
};

static inline int64_t ctf_time_ns(const struct ctf_time *time, uint64_t value)
{
	__extension__ typedef unsigned __int128 wide;
	uint64_t ns = value;
	int64_t sum;

	if (time->frequency != 1000000000)
		ns = (uint64_t)((wide)value * 1000000000 / time->frequency);
	sum = (int64_t)((uint64_t)time->base + ns);
	return time->clock.rate ? clock_drift(&time->clock, sum) : sum;
}

/*
 * The time in a packet's header, in ns: it may be beyond what there can be, and is at most that
 * then.
 */
static inline int64_t ctf_packet_time(const struct ctf_time *time, uint64_t value)
{
	return ctf_time_ns(time, MIN(value, time->max));
}

struct ctf_class {
	struct source_class facts;
	uint32_t number;
	bool wanted;
	bool keeps; /* some bound field is left to the getters */
	uint16_t kind, sub;
	struct ctf_layout layout;
	struct ctf_slot cpu;   /* the field that tells the CPU, if packets do not: slow */
	GArray *fields;        /* struct source_field */
	GArray *slots;         /* struct ctf_slot */
	GArray *nested;        /* struct ctf_nested */
	struct ctf_plan *plan; /* NULL before the first event */
};

/* What there is to know of an event class before its events are looked at. */
struct ctf_hot {
	struct ctf_class *class; /* NULL: there is no such class */
	int64_t bytes;           /* to skip an event that is not wanted; -1: see the plan */
};

/* How the headers of events are read: those of the tracer directly, all others field by field. */
enum ctf_header { CTF_COMPACT, CTF_LARGE, CTF_ANY_HEADER };

/* The event classes of one stream class. */
struct ctf_class_set {
	unsigned int number;    /* group of its classes */
	GArray *hot;            /* struct ctf_hot, by id */
	enum ctf_header header; /* little-endian, packed */
	struct ctf_layout header_layout;
	uint32_t header_align;
	uint64_t only_id; /* where headers have no id: that of the only event class */
	bool has_cpu;     /* packets tell it */
	struct ctf_time time;
};

struct ctf_trace {
	struct source_trace facts;
	GPtrArray *folders; /* char * */
	struct ctf_metadata *metadata;
	struct ctf_layouts layouts;
	struct ctf_format format;
	GPtrArray *old; /* struct ctf_metadata: what it was before; what was made of that stays */
	uint64_t metadata_bytes;     /* that have been read, of a trace that grows */
	struct ctf_class_set **sets; /* by number of the stream class; NULL: has no stream */
};

/* What a second thread does for a stream: see ahead.c. */
enum ctf_ahead_state { CTF_IDLE, CTF_QUEUED, CTF_FILLING, CTF_READY };

/* The bits of the event that a record's handle leads to. */
struct ctf_extent {
	const uint8_t *base;
	uint64_t at, end;
};

struct ctf_stream {
	struct stream stream;
	struct stream *out; /* where records are made: that one, or one that is ahead of it */
	struct stream back; /* the one that is ahead */
	enum ctf_ahead_state state; /* of that */
	struct ctf_trace *trace;
	const struct ctf_class_set *set;
	GPtrArray *all;           /* struct ctf_file, in the order of their numbers */
	GPtrArray *files;         /* those with packets left, that of the next one first */
	GPtrArray *used_up;       /* those without, to be closed */
	struct ctf_file *file;    /* that the packet is in; NULL between packets */
	struct ctf_file *reading; /* the file that the last packet was in, also between packets */
	uint64_t kept_from; /* in there: records that are not delivered yet may lie behind this */
	struct ctf_packet packet;
	const uint8_t *base; /* of the packet */
	uint64_t at, end;    /* bits: the next event, and the end of all */
	uint64_t clock;      /* value of the last event's time */
	int64_t packet_end;  /* ns */
	int64_t last_event;  /* of the packet: what is later is damage */
	int64_t quiet; /* of a stream that grows: nothing comes before, as far as is known, ns */
	int64_t told; /* the last packet was told to be followed by nothing before; VALUE_ABSENT: by a packet */
	bool grows;      /* some file of it does */
	bool idle;       /* nobody is to wait for it */
	bool has_before; /* a packet has been read before this one */
	struct ctf_packet before;
	struct ctf_cursor cursor; /* room for registers */
	uint64_t opened_damaged;  /* what was found to be damaged when the trace was opened */
	char *opened_damage;
};

struct ctf_source {
	struct source base; /* of struct ctf_class, struct ctf_trace, struct ctf_stream */
	GPtrArray *sets;    /* struct ctf_class_set */
	guint values_max;   /* the most values that one record can need */
	bool planned;       /* all classes have plans */
	guint records_ahead;
	unsigned int threads;    /* 2 if one is to decode ahead, but does not yet; else 1 */
	uint64_t alone;          /* bytes that are to be read before it begins */
	uint64_t begun_at;       /* how many had been read at first; UINT64_MAX: nothing has */
	struct ctf_ahead *ahead; /* NULL if it does not, or has not begun */
	GString *buffers[4];     /* text without NUL, for the getters, in turn */
	unsigned int buffer;
};

static inline struct ctf_source *ctf_of(const struct source *source)
{
	return (struct ctf_source *)(void *)source;
}

/* ---- classes.c: event classes, bound fields, getters ---- */

/* Makes the classes of a stream class, as those of group `set->number`. */
bool ctf_add_classes(struct ctf_source *source, struct ctf_trace *trace, unsigned int number,
	const struct ctf_stream_class *stream, struct ctf_class_set *set, GError **error);
void ctf_class_free(gpointer class);

/* The plan of a class, made if there is none; tells the set how to skip it. */
const struct ctf_plan *ctf_class_plan(struct ctf_class *class, struct ctf_hot *hot);

/* What struct reader says. */
unsigned int ctf_bind_field(struct source *base, unsigned int class_no, const char *names);
void ctf_bind(struct source *base, unsigned int class_no, uint16_t kind, uint16_t sub);
void ctf_unbind(struct source *base);
void ctf_visit_slot(const struct source *base, const struct record *record, unsigned int slot,
	const struct value_visitor *visitor, void *data);

/* The CPU that a field of an event tells, which is all there and begins at bit `at`; or -1. */
int64_t ctf_event_cpu(
	const struct ctf_class *class, const uint8_t *base, uint64_t at, uint64_t end);

/* The getters of the source's records. */
const char *ctf_get_string(void *data, const struct record *rec, unsigned int slot);
size_t ctf_get_ints(
	void *data, const struct record *rec, unsigned int slot, int64_t *out, size_t max);

/* ---- ahead.c: a second thread that decodes what will be wanted next ---- */

/* Begins to decode ahead; NULL if there can be no thread. Plans of all classes must be made. */
struct ctf_ahead *ctf_ahead_new(void);

/* Ends the thread. */
void ctf_ahead_free(struct ctf_ahead *ahead);

/* Gives a stream, whose records are used up, its next ones. */
void ctf_ahead_take(struct ctf_ahead *ahead, struct ctf_stream *stream);

/* The second thread does nothing, until it is released. */
void ctf_ahead_hold(struct ctf_ahead *ahead);
void ctf_ahead_release(struct ctf_ahead *ahead);

/* Forgets what has been made ahead of a stream, while held. */
void ctf_ahead_drop(struct ctf_ahead *ahead, struct ctf_stream *stream);

/* ---- grow.c: traces that are being recorded; see struct reader ---- */

bool ctf_grow(struct source *source, GError **error);

/* The files of a stream have got more packets, or it is new: notes how far it is complete. */
void ctf_stream_note_growth(struct ctf_stream *stream);

/*
 * What a feed knows of a file that has just been mapped: that is its size from now on. False if it is to be left out
 * so far.
 */
bool ctf_file_ask(const struct ctf_format *format, struct feed *feed, struct ctf_file *file);

/* ---- keep.c: what has been read of traces that are being recorded, kept for a while ---- */

/* A packet of a file has been passed: notes it, if it may be kept. */
void ctf_keep_packet(
	const struct ctf_stream *stream, struct ctf_file *file, const struct ctf_packet *packet);

bool ctf_keep(struct source *source, const char *folder, GError **error);

/* ---- reader.c, for grow.c ---- */

/* Reads the metadata of a trace again, of which there are more bytes: there may be more classes. */
bool ctf_reread_metadata(
	struct ctf_source *source, unsigned int trace_number, uint64_t bytes, GError **error);

/* Looks for new files in the folders of a trace: of its streams, or of new ones. */
bool ctf_find_new_files(struct ctf_source *source, unsigned int trace_number, GError **error);

/* ---- stream.c: from the packets of one stream to records ---- */

/*
 * Makes the next records of a stream. Goes on a while if few events are wanted, but not for ever:
 * the caller wants to hear of time passing. What is damaged is noted in the stream.
 */
void ctf_stream_feed(struct ctf_stream *stream);

/* Puts its files into the order of their next packets. */
void ctf_stream_sort_all(struct ctf_stream *stream);

/* Looks for a packet behind the last one of a file that has grown, and had no packet left. */
void ctf_stream_look_on(struct ctf_stream *stream, struct ctf_file *file);

/* Finds where the packet, and what can be read of it, ends, once it is known what follows. */
void ctf_stream_set_end(struct ctf_stream *stream);

void ctf_stream_free(gpointer stream);

/* ---- position.c: where streams stand; see struct reader ---- */

void ctf_hold(struct source *source);
void ctf_release(struct source *source);
struct stream *ctf_latest(struct stream *stream);
int64_t ctf_time_ahead(struct stream *stream, uint64_t bytes);
void ctf_rewind(struct stream *stream);
void ctf_codec(struct stream *stream, struct codec *codec);
void ctf_identity(const struct source *source, GString *text);

extern const struct reader native_reader;

#endif
