/*
 * The insides of the source on libbabeltrace2, shared by the files that it consists of.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SOURCE_BT2_H
#define LTTNGA_SOURCE_BT2_H

#include "host/source.h"

#include <babeltrace2/babeltrace.h>

/* A structure in which an event keeps fields. */
enum scope { SCOPE_PAYLOAD, SCOPE_SPECIFIC, SCOPE_COMMON, SCOPE_NONE };

/* Where a bound field is in the events of its class. */
struct slot {
	enum scope scope; /* SCOPE_NONE: the class has no such field */
	uint64_t member;
	int64_t element; /* of an array, or -1 for the field itself */
	bt_field_class_type type;
	bool number; /* whether there is an integer to read */
};

struct class_info {
	struct source_class public;
	GArray *fields; /* struct source_field */
	GArray *slots;  /* struct slot */
	bool wanted;
	uint16_t kind;
	uint16_t sub;
	uint32_t number; /* in source->classes */
	bool keeps;      /* some bound field is left to the getters */
	const bt_event_class *bt;
};

/* The event classes of one stream class, to be found by id without a search. */
struct class_set {
	const bt_stream_class *bt;
	unsigned int number; /* in source->class_sets */
	GPtrArray *by_id;    /* struct class_info, or NULL */
	int64_t cpu_member;  /* of the packet context, or -1 */
	bool has_clock;
};

/* One stream: a sink port of its own, and the records made of what comes there. */
struct port {
	struct source *source;
	bt_message_iterator *iterator;
	bt_message_array_const messages; /* the iterator's, with a reference of ours to each */
	uint64_t n_messages;
	GPtrArray *kept;        /* const bt_message: those that records have handles of */
	struct record *records; /* made of the messages */
	size_t n_records, records_room;
	size_t next;     /* the first of them that is not delivered */
	int64_t *values; /* what the records point to */
	size_t n_values, values_room;
	struct class_set *classes;
	struct source_stream public;
	unsigned int number;
	int64_t lost_counter; /* the tracer's counter of lost events, as we follow it */
	int64_t lost_top;     /* the highest it has been */
	bool lost_fell;
	uint64_t gap_events; /* lost after the packet that is being read */
	int64_t low, high;   /* events outside are not ours (intersection) */
	int64_t last;        /* the latest time that the stream's packets have */
	int64_t now;         /* time of the last event read */
	bool begun;          /* its first packet has begun */
	bool past;           /* beyond the limits: what is left of the packet is only checked */
	bool ended;
	char *fault; /* why it can't be read on */
};

/* A port in the heap. Its key is kept here: with many streams, looking into each costs dearly. */
struct waiting {
	int64_t time; /* of the port's next record */
	struct port *port;
};

struct trace_info {
	struct source_trace public;
	const bt_trace *bt;
	GPtrArray *strings;
};

struct source {
	bt_graph *graph;
	GPtrArray *ports;   /* struct port, in the order that breaks ties */
	GPtrArray *classes; /* struct class_info */
	GPtrArray *class_sets;
	GPtrArray *traces; /* struct trace_info */
	GArray *heap;      /* struct waiting: ports with a record at hand, the earliest first */
	GPtrArray *hungry; /* struct port whose messages are used up */
	int64_t range_begin, range_end;
	bool has_range;
	int64_t begin, end; /* limits of what is seen */
	int64_t first, last;
	bool seen;
	bool bound;          /* records are being made */
	bool counts;         /* events, by class */
	struct port *failed; /* the stream that can't be read on */
	guint values_max;    /* the most values that one message can need */
	struct record_getters getters;
};

/* ---- bt2_fields.c: event classes, and the fields of events ---- */

/*
 * The set of event classes of a stream class, made if it is new: its classes are added to the
 * source, as those of trace number `trace`.
 */
struct class_set *class_set_for(
	struct source *source, unsigned int trace, const bt_stream_class *class);

/* Free functions of struct class_info and struct class_set. */
void class_free(gpointer data);
void class_set_free(gpointer data);

/* What the class of this event is bound to, or NULL for a class that is not known. */
struct class_info *class_of(const struct class_set *set, const bt_event *event);

/* Reads the bound integers of an event into `v`, which has room for class->slots->len. */
void class_read(const struct class_info *class, const bt_event *event, int64_t *v);

/* The integer in a field of an integer type of any kind; false if it is of another type. */
bool field_integer(const bt_field *field, int64_t *value);

/* The getters of the source's records, see source_getters(). */
const char *get_string(void *data, const struct record *rec, unsigned int slot);
size_t get_ints(void *data, const struct record *rec, unsigned int slot, int64_t *out, size_t max);

/* ---- bt2_stream.c: from the messages of one stream to records ---- */

/* Makes records of the messages at hand, and lets them go. */
void port_read(struct port *port);

/*
 * Makes the next records of a stream. Goes on a while if few events are wanted, but not for ever:
 * the caller wants to hear of time passing. Before the source is bound it takes the first messages
 * only. Returns false if the stream can't be read.
 */
bool port_feed(struct port *port);

/* Free function of struct port. */
void port_free(gpointer data);

/* ---- bt2_graph.c: libbabeltrace2's graph, and what it tells before the first record ---- */

/* One step of the graph: the hungry ports read on. Returns false with `error` if one can't. */
bool graph_run(struct source *source, GError **error);

#endif
