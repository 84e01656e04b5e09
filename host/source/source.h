/*
 * A source: one ordered stream of raw events from one or more traces. Everything above it works
 * with class numbers and integers, and does not know which reader is behind.
 *
 * The order of use: source_open() (host/readers.h), look at the classes, source_bind() those that
 * are wanted, then source_next() until it says that this was all.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SOURCE_H
#define LTTNGA_SOURCE_H

#include "host/source/clock.h"
#include "state/codec.h"
#include "state/record.h"

#include <glib.h>
#include <stdbool.h>

struct feed;
struct source;

struct source_options {
	bool intersection;    /* only the time that all streams of a trace have in common */
	bool user;            /* also the traces of user space beside those of the kernel */
	const char *reader;   /* name of the one that is to read it; NULL: the first that can */
	unsigned int threads; /* 1, or 2: one of them decodes ahead; 0: as it seems best */
	struct feed *feed;    /* the traces are being recorded; it outlives the source. Or NULL */
	const struct source_clock *clocks; /* how the times of each trace are corrected... */
	unsigned int n_clocks;             /* ...as many as there are traces; 0: not at all */
};

/* Errors that source functions report. */
#define SOURCE_ERROR (g_quark_from_static_string("lttnga-source"))
enum source_error {
	SOURCE_ERROR_OPEN,         /* no such path, not a trace, unreadable */
	SOURCE_ERROR_INTERSECTION, /* the streams have no time in common */
	SOURCE_ERROR_READ,         /* the data ends or breaks in the middle */
	SOURCE_ERROR_NO_STREAM, /* a file of a trace is empty, gone, or no file: it is left out */
	SOURCE_ERROR_REFUSED,   /* too large, too deep, without times: no reader is to try it */
};

/* What a class's field looks like from above. */
enum field_kind { FIELD_KIND_INT, FIELD_KIND_REAL, FIELD_KIND_TEXT, FIELD_KIND_OTHER };

struct source_field {
	const char *name; /* payload fields plain, context fields as "ctx.NAME" */
	enum field_kind kind;
	bool is_unsigned; /* an integer whose values above INT64_MAX come as negative ones */
};

struct source_class {
	const char *name;
	unsigned int trace;
	unsigned int group; /* all streams of one group have the same classes */
	bool tells_cpu;     /* its stream's packets do, or its events do in a field */
	uint64_t events;    /* how many there have been, see source_count() */
	const struct source_field *fields;
	unsigned int n_fields;
};

/* One CTF trace, however many files and chunks it consists of. */
struct source_trace {
	const char *path; /* the first folder */
	const char *hostname;
	const char
		*boot_id; /* UUID of its clock: LTTng takes that of the machine's boot; or NULL */
	unsigned int
		machine; /* on which it was recorded, from 0: traces of one boot have the same */
	const char *domain;
	bool user; /* it is of user space: nothing in it counts as seen, and no model gets it */
	const char *tracer_name;
	int tracer_major, tracer_minor, tracer_patch; /* -1 if not told */
	const char *kernel_release;
	const char *kernel_version;
	int64_t begin, end;        /* of its packets, ns; begin > end if not known */
	struct source_clock clock; /* how all times are corrected */
};

/* CPUs whose events can be in one stream. */
#define SOURCE_CPUS 1024

/* A stream, and what is missing from it. */
struct source_stream {
	const char *name;
	unsigned int trace;
	unsigned int group; /* that of its classes */
	int32_t first_cpu;  /* of its first packet; CPU_UNKNOWN if that does not tell */
	int32_t cpu;        /* of its latest one */
	uint64_t event_cpus[SOURCE_CPUS / 64]; /* a bit for each that its events have told so far */
	int64_t from, to; /* of its packets, ns; from INT64_MIN to INT64_MAX if not known */
	int64_t begin; /* its records before this time are for the model only (intersection), ns */
	uint64_t events; /* that have been seen, see source_limit() */
	uint64_t lost_events;
	uint64_t lost_packets;
	int64_t lost_begin, lost_end; /* from the first gap's begin to the last one's end, ns */
	uint64_t late;                /* events that came when later ones had been delivered */
	uint64_t damaged;             /* packets that could be read in part only, or not at all */
	const char *damage;           /* where the first of them is, and what is wrong; or NULL */
};

/* Lets go of a source that source_open() has made; NULL is nothing. */
void source_close(struct source *source);

/* The name of the reader: "native", "babeltrace2", ... */
const char *source_reader(const struct source *source);

/* Classes, traces and streams have numbers from 0; what is returned lives as long as the source. */
unsigned int source_n_classes(const struct source *source);
const struct source_class *source_class(const struct source *source, unsigned int number);
unsigned int source_n_traces(const struct source *source);
const struct source_trace *source_trace(const struct source *source, unsigned int number);
unsigned int source_n_streams(const struct source *source);
const struct source_stream *source_stream(const struct source *source, unsigned int number);

/* Begin and end of the traces, as far as their indexes tell; false if they do not. */
bool source_range(const struct source *source, int64_t *begin, int64_t *end);

/*
 * Events outside [begin, end] do not count as seen (source_seen()); reading stops after `end`.
 * Events before `begin`, and before their stream's begin, are delivered all the same: the model
 * needs them. Before the first source_next().
 */
void source_limit(struct source *source, int64_t begin, int64_t end);

/*
 * Events, and what is lost, are counted from `time` on only: others count what is before. source_seen() still has the
 * last event, but not always the first one. Before the first source_next().
 */
void source_count_from(struct source *source, int64_t time);

/* Count the events of each class within the limits. Before the first source_next(). */
void source_count(struct source *source);

/*
 * Read in one thread, unless two were asked for: other processes have work for all CPUs. Before the first
 * source_next().
 */
void source_read_alone(struct source *source);

/*
 * Chooses which streams of a CPU are believed where several have the same class of events, of one
 * trace or of several of one machine; the copies in the others are not delivered. What is recorded
 * several times is told in `notes` (char *). source_open() does this, after source_find_machines().
 */
void source_believe(struct source *source, GPtrArray *notes);

/*
 * Finds out which traces were recorded on one machine, between one boot and the next: those with the same
 * boot ID and host name. Where a boot ID is not told, those with the same host name, unless they have the
 * same events at the same time: these may be of two machines of one name. Those whose times are corrected are
 * of the machines that options->clocks tells: of others, they might be at the same time now.
 */
void source_find_machines(struct source *source, const struct source_options *options);

/*
 * Whether a stream is believed, always, about a class of its group: no other stream of its CPU, at
 * the same time, is instead.
 */
bool source_is_believed(const struct source *source, unsigned int number, unsigned int class_no);

/*
 * Times of the first and the last event, of any class, within the limits; false if there is none.
 */
bool source_seen(const struct source *source, int64_t *first, int64_t *last);

/* The same of a stream, by number. */
bool source_stream_seen(
	const struct source *source, unsigned int number, int64_t *first, int64_t *last);

/*
 * Adds one field to what the records of a class carry; the class is wanted from then on. `names`
 * is "name|older name", with "ctx.NAME" for contexts, "NAME[2]" for elements and "NAME[0:4]" for several
 * of them as one number, "NAME.NAME" for what is inside of structures, and of variants, whichever option is
 * there (integers only). Where nothing matches, or is there, the value is VALUE_ABSENT. Returns the field's place in the record's values, from 0.
 */
unsigned int source_bind_field(struct source *source, unsigned int class_no, const char *names);

/* The class is wanted; its records carry these two numbers (see struct record). */
void source_bind(struct source *source, unsigned int class_no, uint16_t kind, uint16_t sub);

/*
 * From now on, records before `time` come in the order of time for each machine, but not over all
 * of them: one machine after the other gets its turn for some time of the trace, so that what its
 * model needs stays in the processor's cache. Records from `time` on are in order again. Also
 * between two records that source_next() gave.
 */
void source_free_order(struct source *source, int64_t time);

enum source_status { SOURCE_MORE, SOURCE_END, SOURCE_FAILED, SOURCE_PAUSED };

/*
 * The next records in order of time (ties: order of streams), but see source_free_order(). They are valid until the next call.
 * `*n` may be 0 with SOURCE_MORE. SOURCE_FAILED sets `error`. SOURCE_PAUSED: see source_pause().
 */
enum source_status source_next(
	struct source *source, const struct record **records, size_t *n, GError **error);

/* ---- Pauses and positions ---- */

/*
 * From now on, records up to `time` are delivered only; once all of them have been, source_next()
 * says SOURCE_PAUSED, until a later call gives a later time. INT64_MAX: no pause. What is delivered
 * is the same, in the same order, whatever pauses there are. Between any two source_next().
 * source_seen(), source_stream() and source_count() tell what has been read until then: a paused
 * source has not looked ahead.
 */
void source_pause(struct source *source, int64_t time);

/* The time of the pause that has been set; INT64_MAX if there is none. */
int64_t source_paused_at(const struct source *source);

/*
 * A time until which about so many bytes more will have been read, as far as packets tell that
 * follow; INT64_MAX if they do not, or if that is the end. It is after what has been read; for a
 * source that is paused, or has not begun.
 */
int64_t source_time_ahead(struct source *source, uint64_t bytes);

/* Whether this reader can do what follows. All can pause. */
bool source_can_seek(const struct source *source);

/*
 * Writes where a source stands that says SOURCE_PAUSED. This fails (codec->failed) if a stream
 * has been read to the end of the limits, or beyond the time of the pause, so that its next records
 * wait here. Times that are given before the first source_next(), or while it can be saved, are
 * fine if they are before the limits' end.
 */
void source_save(struct source *source, struct codec *codec);

/*
 * Makes a source stand where one stood when it was saved: this one, wherever it is by now, or
 * another one of the same trace (source_identity()) and options, whatever is bound. It is paused
 * there; what follows source_pause() is what followed then. Limits are to be set before, and may be
 * others, but the position must be before their begin: then nothing counts as seen, lost or counted
 * so far. One without a begin takes over what had been seen, lost and counted.
 *
 * What is read may be anything: it is checked against the files. False, with codec->failed, if it
 * makes no sense; the source is then as after source_rewind().
 */
bool source_load(struct source *source, struct codec *codec);

/*
 * Forgets how many events have been counted and lost so far, for a part of a trace that is added to others.
 * Paused, or before the first source_next().
 */
void source_forget_counts(struct source *source);

/* Back to the begin, as after source_open(), without a pause; what is bound, and limits, stay. */
void source_rewind(struct source *source);

/* The same, and nothing is bound nor limited. If the source can't seek, it stays where it is. */
void source_start_again(struct source *source);

/*
 * Bytes of the packets that have been begun so far, and of all files (0: not known). What has been
 * decoded ahead, and not delivered, does not count. Cheap.
 */
uint64_t source_bytes(const struct source *source, uint64_t *total);

/*
 * Appends a text that is another one when the trace, or its options, are: UUIDs, and names, sizes
 * and times of files as they were when they were opened. Nothing if the source can't seek.
 */
void source_identity(const struct source *source, GString *text);

/* ---- Traces that are being recorded ---- */

/*
 * Takes into account what the feed of the source has brought by now: there may be more streams then, whose numbers
 * follow, and classes, of which nothing is bound. Pauses the source where it is complete, which may be
 * where it stands; when all is over there is no pause. Between any two source_next(). False with `error` if
 * what came can't be read.
 */
bool source_grow(struct source *source, GError **error);

/* Up to when it is complete, as source_grow() has found, ns; INT64_MAX if all is there. */
int64_t source_complete(const struct source *source);

/*
 * From now on, what was recorded in the last `span`, ns, can be kept (source_keep()), and what was recorded up to
 * `until`, ns: the state of the machine when recording began; INT64_MAX: that is not known yet. Of a source with a
 * feed, before it is read and between any two source_next().
 */
void source_keep_last(struct source *source, int64_t span, int64_t until);

/*
 * Writes that into a folder, as a trace: a folder for each of the source's traces. False with `error` if that fails, or
 * the reader can't.
 */
bool source_keep(struct source *source, const char *folder, GError **error);

/* The feed, as it was given; or NULL. */
struct feed *source_feed(const struct source *source);

/* ---- Records ---- */

/* The getters of this source's records. */
const struct record_getters *source_getters(const struct source *source);

/* How deep lists and maps of a value are in each other at most, whichever reader it is. */
#define VALUE_DEPTH_MAX 64

/* Receives one field's value, whatever it is made of; see source_visit(). */
struct value_visitor {
	void (*integer)(void *data, int64_t value);
	void (*large)(void *data, uint64_t value); /* above INT64_MAX */
	void (*real)(void *data, double value);
	void (*text)(void *data, const char *value);
	void (*none)(void *data);
	void (*begin_list)(void *data);
	void (*begin_map)(void *data);
	void (*key)(void *data, const char *name); /* before each member of a map */
	void (*item)(void *data);                  /* after each member of a list or a map */
	void (*end)(void *data);
};

/* Tells `visitor` the value of bound field `slot` of a record. */
void source_visit(const struct source *source, const struct record *record, unsigned int slot,
	const struct value_visitor *visitor, void *data);

#endif
