/*
 * The insides of the reader on libbabeltrace2, shared by the files that it consists of.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_BT2_H
#define LTTNGA_BT2_H

#include "host/source/field_name.h"
#include "host/source/reader.h"

#include <babeltrace2/babeltrace.h>

/* A structure in which an event keeps fields. */
enum scope { SCOPE_PAYLOAD, SCOPE_SPECIFIC, SCOPE_COMMON, SCOPE_NONE };

/* Where a bound field is in the events of its class. */
struct slot {
	enum scope scope; /* SCOPE_NONE: the class has no such field */
	uint64_t member;
	struct elements elements; /* of an array */
	char **inside; /* names of the fields in the member that lead to it; NULL if it is the member */
	bt_field_class_type type; /* of the member */
	bool number;              /* whether there is an integer to read */
};

struct class_info {
	struct source_class facts;
	GArray *fields; /* struct source_field */
	GArray *slots;  /* struct slot */
	bool wanted;
	uint16_t kind;
	uint16_t sub;
	uint32_t number; /* in source->classes */
	bool keeps;      /* some bound field is left to the getters */
	struct slot cpu; /* tells the CPU, if packets do not */
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
	struct stream stream;
	bt_message_iterator *iterator;
	bt_message_array_const messages; /* the iterator's, with a reference of ours to each */
	uint64_t n_messages;
	GPtrArray *kept; /* const bt_message: those that records have handles of */
	struct class_set *classes;
	int64_t last;        /* the latest time that the stream's packets have */
	bool has_packet_end; /* a packet has ended, and it has not been told: */
	int64_t packet_end;  /* when, ns */
	bool has_lost;       /* events were lost since, by the counter's step: */
	int64_t lost_step;
	uint64_t lost_packets; /* missing since, and when; 0: none */
	int64_t lost_begin, lost_end;
	bool past;   /* beyond the limits: what is left of the packet is only checked */
	char *fault; /* why it can't be read on */
};

struct trace_info {
	struct source_trace facts;
	const bt_trace *bt;
	GPtrArray *strings;
};

struct bt2_source {
	struct source base; /* of struct class_info, struct trace_info, struct port */
	bt_graph *graph;
	GPtrArray *class_sets;
	bool bound;          /* records are being made */
	struct port *failed; /* the stream that can't be read on */
	guint values_max;    /* the most values that one message can need */
	uint64_t memory_max; /* see bt2_guard() */
};

static inline struct bt2_source *bt2_of(struct source *source)
{
	return (struct bt2_source *)(void *)source;
}

/* ---- fields.c: event classes, and the fields of events ---- */

/*
 * The set of event classes of a stream class, made if it is new: its classes are added to the
 * source, as those of trace number `trace`.
 */
struct class_set *class_set_for(
	struct bt2_source *source, unsigned int trace, const bt_stream_class *class);

/* Free functions of struct class_info and struct class_set. */
void class_free(gpointer data);
void class_set_free(gpointer data);

/* What the class of this event is bound to, or NULL for a class that is not known. */
struct class_info *class_of(const struct class_set *set, const bt_event *event);

/* Reads the bound integers of an event into `v`, which has room for class->slots->len. */
void class_read(const struct class_info *class, const bt_event *event, int64_t *v);

/* The CPU that a field of an event tells; or -1. */
int64_t class_cpu(const struct class_info *class, const bt_event *event);

/* The integer in a field of an integer type of any kind; false if it is of another type. */
bool field_integer(const bt_field *field, int64_t *value);

/* What struct reader says. */
unsigned int bt2_bind_field(struct source *base, unsigned int class_no, const char *names);
void bt2_bind(struct source *base, unsigned int class_no, uint16_t kind, uint16_t sub);
void bt2_visit(const struct source *base, const struct record *record, unsigned int slot,
	const struct value_visitor *visitor, void *data);

/* The getters of the source's records, see source_getters(). */
const char *get_string(void *data, const struct record *rec, unsigned int slot);
size_t get_ints(void *data, const struct record *rec, unsigned int slot, int64_t *out, size_t max);

/* ---- stream.c: from the messages of one stream to records ---- */

/* Makes records of the messages at hand, and lets them go. */
void port_read(struct port *port);

/*
 * Makes the next records of a stream. Goes on a while if few events are wanted, but not for ever:
 * the caller wants to hear of time passing. Before the source is bound it takes the first messages
 * only. Returns false if the stream can't be read.
 */
bool port_feed(struct port *port);

/* The CPU of the first packet among the messages at hand; CPU_UNKNOWN if that does not tell. */
int32_t port_first_cpu(const struct port *port);

/* Free function of struct port. */
void port_free(gpointer data);

/* ---- graph.c: libbabeltrace2's graph, and what it tells before the first record ---- */

/* What struct reader says. */
struct source *bt2_open(
	GPtrArray *traces, const struct source_options *options, GPtrArray *notes, GError **error);
void bt2_close(struct source *base);

/* One step of the graph: the hungry ports read on. Returns false with `error` if one can't. */
bool graph_run(struct bt2_source *source, GError **error);

extern const struct reader babeltrace2_reader;

#endif
