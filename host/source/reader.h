/*
 * What stands behind a source: the readers of traces, and what all of them share: a source's
 * facts, and streams that are on their way to records. For readers only; everybody else uses
 * host/source/source.h.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_READER_H
#define LTTNGA_READER_H

#include "host/source/source.h"
#include "state/events.h"

/* The time of a stream that is believed instead, and about which classes. */
struct rival {
	int64_t begin, end;
	const uint8_t *shared; /* by class of the stream's group */
};

/* The time after `high` is not ours, that before `low` is for the model only (intersection). */
struct stream {
	struct source_stream facts;
	struct source *source;
	unsigned int number;      /* in source->streams */
	bool user;                /* of a trace of user space */
	GArray *rivals;           /* struct rival; NULL if it is always believed. See copies.c */
	unsigned int first_class; /* the number of the first class of its group, if it has rivals */
	struct record *records;   /* made, in order */
	size_t n_records, records_room;
	size_t next;     /* the first of them that is not delivered */
	int64_t *values; /* what the records point to */
	size_t n_values, values_room;
	int64_t low, high;
	int64_t now;          /* time of the last event read */
	int64_t lost_counter; /* the tracer's counter of lost events, as we follow it */
	int64_t lost_top;     /* the highest it has been, since it was last reset */
	uint64_t gap_events;  /* lost after the packet that is being read */
	bool gap_begun;       /* of the next gap, the begin has been told already, before a pause */
	uint64_t bytes;       /* of the packets that have been begun */
	int64_t first, last;  /* times of its events within the limits, if it has been seen */
	bool seen;
	bool begun;      /* its first packet has begun */
	bool awake;      /* EV_first_event has been told, since then no long time without packets */
	bool tells_cpus; /* its events have told CPUs, see facts.event_cpus */
	int64_t complete; /* what else comes is later, ns; INT64_MAX: it does not grow */
	int64_t late;     /* events up to this time come too late, ns; INT64_MIN: none do */
	bool ended;       /* no more records will be made */
	bool paused;      /* what comes next is after source->pause */
	bool cut;         /* ... after source->end, and otherwise there would be more */
};

/* A reader: the functions of host/source/source.h that differ. */
struct reader {
	const char *name;  /* for --reader */
	const char *title; /* for people */
	struct source *(*open)(GPtrArray *traces, const struct source_options *options,
		GPtrArray *notes, GError **error); /* `traces`: struct trace_files */
	void (*close)(struct source *source);
	unsigned int (*bind_field)(struct source *source, unsigned int class_no, const char *names);
	void (*bind)(struct source *source, unsigned int class_no, uint16_t kind, uint16_t sub);
	/* Lets every stream in source->hungry make records, if it can; false with `error`. */
	bool (*feed)(struct source *source, GError **error);
	void (*visit)(const struct source *source, const struct record *record, unsigned int slot,
		const struct value_visitor *visitor, void *data);
	/*
	 * The others are NULL if the reader has no positions. One that has them notes the pause in
	 * stream->paused, and makes no records that are later.
	 */
	void (*hold)(struct source *source); /* no stream is read, until release() */
	void (*release)(struct source *source);
	/* The following between hold() and release(): how far the stream has been read; */
	struct stream *(*latest)(struct stream *stream);
	/* when it will have been read on by so many bytes, or INT64_MAX; */
	int64_t (*time_ahead)(struct stream *stream, uint64_t bytes);
	/* back to the begin; */
	void (*rewind)(struct stream *stream);
	void (*unbind)(struct source *source); /* all classes, of a source that was rewound */
	/* writes where it stands, or makes one that is at the begin stand there. */
	void (*codec)(struct stream *stream, struct codec *codec);
	void (*identity)(const struct source *source, GString *text);
	/* Takes into account what the feed has brought, and notes how far streams are complete; or NULL. */
	bool (*grow)(struct source *source, GError **error);
	/* See source_keep(); or NULL. */
	bool (*keep)(struct source *source, const char *folder, GError **error);
};

/* What readers put first into the source that they make. */
struct source {
	const struct reader *reader;
	GPtrArray *classes; /* things that begin with a struct source_class */
	GPtrArray *traces;  /* ... struct source_trace */
	GPtrArray *streams; /* ... struct stream, in the order that breaks ties */
	GPtrArray *hungry;  /* struct stream: those whose records are used up */
	GPtrArray *paused;  /* ... that have none before the pause is over */
	GArray *merge;      /* those that have records, the earliest first; see merge.c */
	int64_t free_until; /* see source_free_order(); INT64_MIN: never */
	struct record_getters getters;
	int64_t range_begin, range_end;
	bool has_range;
	int64_t begin, end;   /* limits of what is seen */
	int64_t counted_from; /* see source_count_from() */
	int64_t first, last;
	bool seen;
	bool counts;      /* events, by class */
	bool reads_alone; /* in one thread, unless two were asked for */
	int64_t pause;    /* no record after this time is delivered */
	int64_t reached;  /* the last pause that has come */
	uint64_t bytes;   /* of all files; 0 if not known */
	int64_t complete; /* see source_complete() */
	int64_t waits_for; /* streams that are not there yet have nothing before this time; INT64_MAX */
	int64_t keeps;     /* how much of what has been read can be kept, ns; 0: nothing... */
	int64_t keeps_until;   /* ...and what was recorded up to then */
	struct feed *feed;     /* NULL: the traces are as they are */
	struct copies *copies; /* see copies.c */
	bool intersection;
};

/* How the times of the trace that is added to the source next are to be corrected. */
struct source_clock source_clock_of_next(
	const struct source *source, const struct source_options *options);

/* The errors of a reader that leaves a trace to the next one, see host/readers.c. */
#define SOURCE_ERROR_DECLINED (-1)

/*
 * Makes `size` bytes that begin with a struct source. The functions free what the arrays hold.
 * source_clear() frees what is in the struct source, not itself.
 */
void *source_new(const struct reader *reader, size_t size, GDestroyNotify free_class,
	GDestroyNotify free_trace, GDestroyNotify free_stream);
void source_clear(struct source *source);

/* What a trace's streams span together, and what all of them have in common, in ns. */
struct span {
	int64_t begin, end;
	int64_t common_begin, common_end;
	bool known; /* for every stream */
};

#define SPAN_EMPTY ((struct span){INT64_MAX, INT64_MIN, INT64_MIN, INT64_MAX, true})

/* Takes a stream into account. */
void span_add(struct span *span, int64_t begin, int64_t end);

/*
 * Takes the spans of the source's traces into account, one after the other. Returns whether the
 * trace is to be read: with options->intersection, only if its streams have time in common.
 */
bool source_add_span(
	struct source *source, const struct span *span, const struct source_options *options);

/*
 * Tells that `left_out` of all traces are left out, for want of time in common: with a note, or
 * with an error (false) if those are all.
 */
bool source_tell_left_out(
	const struct source *source, unsigned int left_out, GPtrArray *notes, GError **error);

/*
 * Adds a stream of a trace to the source, which owns it from then on; fills in the parts that are
 * shared. `name` is taken over, too.
 */
void source_add_stream(struct source *source, struct stream *stream, char *name, unsigned int trace,
	const struct span *span, const struct source_options *options);
void stream_clear(struct stream *stream);

/*
 * An event of this stream, of whatever class, has this time, which is not before stream->now.
 * Returns whether it is within the limits; one that is beyond them is not for the model, either.
 */
bool stream_see(struct stream *stream, int64_t time);

/* From when on its events, and what is lost of it, are counted. */
static inline int64_t stream_counted_from(const struct stream *stream)
{
	const struct source *source = stream->source;

	return MAX(stream->low, MAX(source->begin, source->counted_from));
}

/*
 * Tells the end of a packet; `next`: the begin of the one that follows, ns, INT64_MAX if none does,
 * VALUE_ABSENT if that is not known. Needs a record and PACKET_END_VALUES values.
 */
#define PACKET_END_VALUES F_packet_end_COUNT
void stream_end_packet(struct stream *stream, int64_t end, int64_t next);

/* What is known of a stream before it is read; keeps its records' memory, and what is damaged. */
void stream_rewind(struct stream *stream);

/*
 * Writes what is known of a stream whose records have all been delivered, or reads it: then what is
 * damaged is a text of the stream's own.
 */
void stream_archive(struct stream *stream, struct codec *codec);

/* What is waiting to be merged: nothing yet. */
GArray *merge_new(void);

/* The pause, or the time up to which the order is free, is another one now. */
void merge_again(struct source *source);

/* Takes into account which events a stream has read. */
void source_note_seen(struct source *source, const struct stream *stream);

/* ---- Events that are recorded several times ---- */

void copies_free(struct copies *copies);

/* Whether an event is a copy of one of a stream that is believed instead. */
static inline bool stream_is_copy(const struct stream *stream, uint32_t class_no, int64_t time)
{
	const struct rival *rivals;

	if (!stream->rivals)
		return false;
	rivals = (const struct rival *)(const void *)stream->rivals->data;
	for (guint i = 0; i < stream->rivals->len; i++)
		if (time >= rivals[i].begin && time <= rivals[i].end &&
			rivals[i].shared[class_no - stream->first_class])
			return true;
	return false;
}

/* ---- Making records ---- */

/* The records that were made have been delivered. */
void stream_forget(struct stream *stream);

/* Room for `records` records more, and for their `values`. */
void stream_room(struct stream *stream, size_t records, size_t values);

/* How many records and values stream_gap() needs; the others take one record. */
#define GAP_RECORDS 2
#define GAP_VALUES  (2 * 3)

/* Adds a record of the stream itself, without values. */
static inline struct record *stream_push(struct stream *stream, int64_t time, uint16_t kind)
{
	struct record *rec = &stream->records[stream->n_records++];

	*rec = (struct record){.time = time,
		.kind = kind,
		.cpu = stream->facts.cpu,
		.stream = stream->number,
		.class_no = UINT32_MAX};
	return rec;
}

static inline int64_t *stream_values(struct stream *stream, size_t count)
{
	int64_t *values = &stream->values[stream->n_values];

	stream->n_values += count;
	return values;
}

/* Tells that what follows the last packet begins at `next` at the earliest, at `time`; needs one value. */
void stream_wait(struct stream *stream, int64_t time, int64_t next);

/*
 * The CPU of an event, at `time`, whose stream does not tell it: a record says so if it is a new
 * one. Needs room for that.
 */
int32_t stream_event_cpu(struct stream *stream, int64_t time, int64_t cpu);

/*
 * What comes next in the stream is beyond its limits: no more records will be made. If that is the end of
 * the time that streams have in common, it ends there.
 */
void stream_cut(struct stream *stream);

/* Whether what comes next at `time` is beyond that, and the pause is not before it: then it is cut now. */
static inline bool stream_is_past(const struct stream *stream, int64_t time)
{
	return time > stream->high && stream->high < stream->source->end &&
	       stream->high <= stream->source->pause;
}

/* Tells the end of the stream. Makes room for that. */
void stream_end(struct stream *stream);

/*
 * Tells the begin of the gap that comes next, whose end is after a pause: stream_gap() will not
 * tell it again. Needs the record and the values of a gap.
 */
void stream_tell_gap(struct stream *stream, uint64_t count, int64_t begin);

/* What is missing from the stream: `kind` is EV_lost_events or EV_lost_packets. */
void stream_gap(struct stream *stream, uint16_t kind, uint64_t count, int64_t begin, int64_t end);

/*
 * A packet's header counts the events that came after its last one, when it was full and the
 * tracer had no other: until there was one again, and it ended, at `end`.
 */
void stream_flush_gap(struct stream *stream, int64_t end);

/*
 * The packet that begins has a counter of lost events that is `step` above the last one's (below,
 * if that is negative). Flushes what is left of the last packet's.
 */
void stream_lose(struct stream *stream, int64_t step);

#endif
