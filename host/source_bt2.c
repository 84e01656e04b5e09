/*
 * The source on libbabeltrace2. Each stream has a sink port of its own, and a heap merges them:
 * the library's own muxer slows down with each further stream. Records are made of the wanted
 * events only, before the merge.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/source.h"

#include "host/bt2_util.h"
#include "host/trace_files.h"
#include "state/events.h"

#include <babeltrace2/babeltrace.h>
#include <string.h>

#define CTX_PREFIX "ctx."

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
	GPtrArray *by_id;   /* struct class_info, or NULL */
	int64_t cpu_member; /* of the packet context, or -1 */
	bool has_clock;
};

/* Ids above this are not dense: such a trace is not of LTTng. */
#define CLASS_ID_MAX 65535

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
	int64_t now;         /* time of the last event read */
	bool ended;
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
	bool bound;       /* records are being made */
	guint values_max; /* the most values that one message can need */
	struct record_getters getters;
};

/* ---- Classes, fields, slots ---- */

static void free_class(gpointer data)
{
	struct class_info *class = data;

	for (guint i = 0; i < class->fields->len; i++)
		g_free((char *)g_array_index(class->fields, struct source_field, i).name);
	g_array_free(class->fields, TRUE);
	g_array_free(class->slots, TRUE);
	g_free(class);
}

static void free_class_set(gpointer data)
{
	struct class_set *set = data;

	g_ptr_array_unref(set->by_id);
	g_free(set);
}

static void free_trace(gpointer data)
{
	struct trace_info *trace = data;

	g_ptr_array_unref(trace->strings);
	g_free(trace);
}

static enum field_kind kind_of_type(bt_field_class_type type)
{
	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_INTEGER) ||
		type == BT_FIELD_CLASS_TYPE_BOOL || type == BT_FIELD_CLASS_TYPE_BIT_ARRAY)
		return FIELD_KIND_INT;
	if (type == BT_FIELD_CLASS_TYPE_STRING)
		return FIELD_KIND_TEXT;
	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_REAL))
		return FIELD_KIND_REAL;
	return FIELD_KIND_OTHER;
}

static const bt_field_class *scope_class(const bt_event_class *class, enum scope scope)
{
	switch (scope) {
	case SCOPE_PAYLOAD:
		return bt_event_class_borrow_payload_field_class_const(class);
	case SCOPE_SPECIFIC:
		return bt_event_class_borrow_specific_context_field_class_const(class);
	case SCOPE_COMMON:
		return bt_stream_class_borrow_event_common_context_field_class_const(
			bt_event_class_borrow_stream_class_const(class));
	default:
		return NULL;
	}
}

/* libbabeltrace2 keeps the lengths of sequences as members of their own; they are no fields. */
static bool is_length(const char *name)
{
	return name[0] == '_' && g_str_has_suffix(name, "_length");
}

static void add_fields(struct class_info *info, enum scope scope)
{
	const bt_field_class *class = scope_class(info->bt, scope);
	uint64_t count = class ? bt_field_class_structure_get_member_count(class) : 0;

	for (uint64_t i = 0; i < count; i++) {
		const bt_field_class_structure_member *member =
			bt_field_class_structure_borrow_member_by_index_const(class, i);
		const char *name = bt_field_class_structure_member_get_name(member);
		struct source_field field;

		if (is_length(name))
			continue;
		field.name = g_strconcat(scope == SCOPE_PAYLOAD ? "" : CTX_PREFIX, name, NULL);
		field.kind = kind_of_type(bt_field_class_get_type(
			bt_field_class_structure_member_borrow_field_class_const(member)));
		g_array_append_val(info->fields, field);
	}
}

static void add_class(struct source *source, struct class_set *set, unsigned int trace,
	const bt_event_class *class)
{
	struct class_info *info;
	uint64_t id = bt_event_class_get_id(class);
	const char *name = bt_event_class_get_name(class);

	if (id > CLASS_ID_MAX)
		return;
	if (set->by_id->len <= id)
		g_ptr_array_set_size(set->by_id, (gint)id + 1);
	if (set->by_id->pdata[id])
		return;
	info = g_new0(struct class_info, 1);
	info->bt = class;
	info->fields = g_array_new(FALSE, FALSE, sizeof(struct source_field));
	info->slots = g_array_new(FALSE, FALSE, sizeof(struct slot));
	for (enum scope scope = SCOPE_PAYLOAD; scope < SCOPE_NONE; scope++)
		add_fields(info, scope);
	info->public.name = name ? name : "";
	info->public.trace = trace;
	info->public.fields = (const struct source_field *)(void *)info->fields->data;
	info->public.n_fields = info->fields->len;
	info->number = source->classes->len;
	g_ptr_array_add(source->classes, info);
	set->by_id->pdata[id] = info;
}

/* Finds `name` in one scope of a class; false if it is not there. */
static bool find_slot(const bt_event_class *class, enum scope scope, const char *name,
	size_t length, struct slot *slot)
{
	const bt_field_class *fields = scope_class(class, scope);
	uint64_t count = fields ? bt_field_class_structure_get_member_count(fields) : 0;
	const char *bracket = memchr(name, '[', length);
	size_t span = bracket ? (size_t)(bracket - name) : length;

	for (uint64_t i = 0; i < count; i++) {
		const bt_field_class_structure_member *member =
			bt_field_class_structure_borrow_member_by_index_const(fields, i);
		const char *own = bt_field_class_structure_member_get_name(member);

		if (strlen(own) != span || memcmp(own, name, span) != 0)
			continue;
		slot->scope = scope;
		slot->member = i;
		slot->element = bracket ? g_ascii_strtoll(bracket + 1, NULL, 10) : -1;
		slot->type = bt_field_class_get_type(
			bt_field_class_structure_member_borrow_field_class_const(member));
		slot->number = kind_of_type(slot->type) == FIELD_KIND_INT ||
			       bt_field_class_type_is(slot->type, BT_FIELD_CLASS_TYPE_ARRAY);
		return true;
	}
	return false;
}

unsigned int source_bind_field(struct source *source, unsigned int class_no, const char *names)
{
	struct class_info *info = g_ptr_array_index(source->classes, class_no);
	struct slot slot = {.scope = SCOPE_NONE};
	const char *at = names;

	info->wanted = true;
	while (*at && slot.scope == SCOPE_NONE) {
		size_t span = strcspn(at, "|");

		if (g_str_has_prefix(at, CTX_PREFIX)) {
			const char *name = at + strlen(CTX_PREFIX);
			size_t length = span - strlen(CTX_PREFIX);

			if (!find_slot(info->bt, SCOPE_SPECIFIC, name, length, &slot))
				find_slot(info->bt, SCOPE_COMMON, name, length, &slot);
		} else {
			find_slot(info->bt, SCOPE_PAYLOAD, at, span, &slot);
		}
		at += span;
		at += *at == '|';
	}
	g_array_append_val(info->slots, slot);
	info->keeps |= slot.scope != SCOPE_NONE && slot.element < 0 &&
		       kind_of_type(slot.type) != FIELD_KIND_INT;
	source->values_max = MAX(source->values_max, info->slots->len);
	return info->slots->len - 1;
}

void source_bind(struct source *source, unsigned int class_no, uint16_t kind, uint16_t sub)
{
	struct class_info *info = g_ptr_array_index(source->classes, class_no);

	info->wanted = true;
	info->kind = kind;
	info->sub = sub;
}

/* ---- Reading fields ---- */

static const bt_field *scope_field(const bt_event *event, enum scope scope)
{
	switch (scope) {
	case SCOPE_PAYLOAD:
		return bt_event_borrow_payload_field_const(event);
	case SCOPE_SPECIFIC:
		return bt_event_borrow_specific_context_field_const(event);
	case SCOPE_COMMON:
		return bt_event_borrow_common_context_field_const(event);
	default:
		return NULL;
	}
}

static const bt_field *slot_field(const bt_event *event, const struct slot *slot)
{
	const bt_field *scope = scope_field(event, slot->scope);

	if (!scope)
		return NULL;
	return bt_field_structure_borrow_member_field_by_index_const(scope, slot->member);
}

static bool scalar_integer(const bt_field *field, bt_field_class_type type, int64_t *value)
{
	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER))
		*value = (int64_t)bt_field_integer_unsigned_get_value(field);
	else if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_SIGNED_INTEGER))
		*value = bt_field_integer_signed_get_value(field);
	else if (type == BT_FIELD_CLASS_TYPE_BOOL)
		*value = bt_field_bool_get_value(field);
	else if (type == BT_FIELD_CLASS_TYPE_BIT_ARRAY)
		*value = (int64_t)bt_field_bit_array_get_value_as_integer(field);
	else
		return false;
	return true;
}

static int64_t element_integer(const bt_field *array, uint64_t index)
{
	const bt_field *field = bt_field_array_borrow_element_field_by_index_const(array, index);
	int64_t value;

	return scalar_integer(field, bt_field_get_class_type(field), &value) ? value : VALUE_ABSENT;
}

/* The integer in a field, whatever it is kept as: bytes in a row are one in network order. */
static int64_t slot_integer(const bt_field *scope, const struct slot *slot)
{
	const bt_field *field =
		bt_field_structure_borrow_member_field_by_index_const(scope, slot->member);
	int64_t value = 0;
	uint64_t length;

	if (scalar_integer(field, slot->type, &value))
		return value;
	length = bt_field_array_get_length(field);
	if (slot->element >= 0)
		return (uint64_t)slot->element < length ? element_integer(field, slot->element)
							: VALUE_ABSENT;
	if (length == 0 || length > sizeof(value))
		return VALUE_ABSENT;
	for (uint64_t i = 0; i < length; i++) {
		int64_t byte = element_integer(field, i);

		if (byte == VALUE_ABSENT)
			return VALUE_ABSENT;
		value = (int64_t)((uint64_t)value << 8 | (byte & 255));
	}
	return value;
}

static const bt_field *record_field(
	const struct source *source, const struct record *rec, unsigned int number)
{
	const struct class_info *class;

	if (!rec->handle)
		return NULL;
	class = g_ptr_array_index(source->classes, rec->class_no);
	if (number >= class->slots->len)
		return NULL;
	return slot_field(rec->handle, &g_array_index(class->slots, struct slot, number));
}

static const char *get_string(void *data, const struct record *rec, unsigned int slot)
{
	const bt_field *field = record_field(data, rec, slot);

	if (!field || bt_field_get_class_type(field) != BT_FIELD_CLASS_TYPE_STRING)
		return NULL;
	return bt_field_string_get_value(field);
}

static size_t get_ints(
	void *data, const struct record *rec, unsigned int slot, int64_t *out, size_t max)
{
	const bt_field *field = record_field(data, rec, slot);
	uint64_t length;

	if (!field ||
		!bt_field_class_type_is(bt_field_get_class_type(field), BT_FIELD_CLASS_TYPE_ARRAY))
		return 0;
	length = bt_field_array_get_length(field);
	for (uint64_t i = 0; i < length && i < max; i++)
		out[i] = element_integer(field, i);
	return length;
}

const struct record_getters *source_getters(const struct source *source)
{
	return &source->getters;
}

/* Structures and arrays in traces are shallow; what is deeper than this is not told. */
#define VISIT_DEPTH 16

static void visit_field(
	const bt_field *field, const struct value_visitor *visitor, void *data, int depth);

static void visit_array(
	const bt_field *field, const struct value_visitor *visitor, void *data, int depth)
{
	uint64_t length = bt_field_array_get_length(field);

	visitor->begin_list(data);
	for (uint64_t i = 0; i < length; i++) {
		visit_field(bt_field_array_borrow_element_field_by_index_const(field, i), visitor,
			data, depth + 1);
		visitor->item(data);
	}
	visitor->end(data);
}

static void visit_structure(
	const bt_field *field, const struct value_visitor *visitor, void *data, int depth)
{
	const bt_field_class *class = bt_field_borrow_class_const(field);
	uint64_t count = bt_field_class_structure_get_member_count(class);

	visitor->begin_map(data);
	for (uint64_t i = 0; i < count; i++) {
		const char *name = bt_field_class_structure_member_get_name(
			bt_field_class_structure_borrow_member_by_index_const(class, i));

		if (is_length(name))
			continue;
		visitor->key(data, name);
		visit_field(bt_field_structure_borrow_member_field_by_index_const(field, i),
			visitor, data, depth + 1);
		visitor->item(data);
	}
	visitor->end(data);
}

static void visit_field(
	const bt_field *field, const struct value_visitor *visitor, void *data, int depth)
{
	bt_field_class_type type = field ? bt_field_get_class_type(field) : 0;
	int64_t value;

	if (!field || depth > VISIT_DEPTH)
		visitor->none(data);
	else if (scalar_integer(field, type, &value))
		visitor->integer(data, value);
	else if (type == BT_FIELD_CLASS_TYPE_STRING)
		visitor->text(data, bt_field_string_get_value(field));
	else if (type == BT_FIELD_CLASS_TYPE_SINGLE_PRECISION_REAL)
		visitor->real(data, bt_field_real_single_precision_get_value(field));
	else if (type == BT_FIELD_CLASS_TYPE_DOUBLE_PRECISION_REAL)
		visitor->real(data, bt_field_real_double_precision_get_value(field));
	else if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_ARRAY))
		visit_array(field, visitor, data, depth);
	else if (type == BT_FIELD_CLASS_TYPE_STRUCTURE)
		visit_structure(field, visitor, data, depth);
	else if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_OPTION))
		visit_field(bt_field_option_borrow_field_const(field), visitor, data, depth + 1);
	else if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_VARIANT))
		visit_field(bt_field_variant_borrow_selected_option_field_const(field), visitor,
			data, depth + 1);
	else
		visitor->none(data);
}

void source_visit(const struct source *source, const struct record *record, unsigned int slot,
	const struct value_visitor *visitor, void *data)
{
	visit_field(record_field(source, record, slot), visitor, data, 0);
}

/* ---- From messages to records ---- */

static bool snapshot_ns(const bt_clock_snapshot *snapshot, int64_t *ns)
{
	return bt_clock_snapshot_get_ns_from_origin(snapshot, ns) ==
	       BT_CLOCK_SNAPSHOT_GET_NS_FROM_ORIGIN_STATUS_OK;
}

/* A message can become a record of its own and two that tell of lost events. */
#define RECORDS_PER_MESSAGE 3

/*
 * How many records a stream makes before they are delivered, if it can: the processor's caches like
 * it if decoding and what follows don't take turns too often.
 */
#define RECORDS_AHEAD 64

static void release_kept(struct port *port)
{
	for (guint i = 0; i < port->kept->len; i++)
		bt_message_put_ref(g_ptr_array_index(port->kept, i));
	g_ptr_array_set_size(port->kept, 0);
}

/* The records that were made have been delivered. */
static void forget_records(struct port *port)
{
	release_kept(port);
	port->n_records = 0;
	port->n_values = 0;
	port->next = 0;
}

/* Room for the records of `n` messages more. */
static void make_room(struct port *port, size_t n)
{
	size_t records = port->n_records + n * RECORDS_PER_MESSAGE;
	size_t values = port->n_values + n * RECORDS_PER_MESSAGE * port->source->values_max;

	if (records > port->records_room) {
		port->records_room = records + RECORDS_AHEAD;
		port->records = g_renew(struct record, port->records, port->records_room);
	}
	if (values > port->values_room) {
		int64_t *old = port->values;

		port->values_room = values + RECORDS_AHEAD * port->source->values_max;
		port->values = g_renew(int64_t, old, port->values_room);
		for (size_t i = 0; i < port->n_records; i++)
			if (port->records[i].v)
				port->records[i].v = port->values + (port->records[i].v - old);
	}
}

static struct record *push_record(struct port *port, int64_t time, uint16_t kind)
{
	struct record *rec = &port->records[port->n_records++];

	*rec = (struct record){.time = time,
		.kind = kind,
		.cpu = port->public.cpu,
		.stream = port->number,
		.class_no = UINT32_MAX};
	return rec;
}

static int64_t *push_values(struct port *port, size_t count)
{
	int64_t *values = &port->values[port->n_values];

	port->n_values += count;
	return values;
}

/* Records what is missing from the stream. */
static void push_gap(struct port *port, uint16_t kind, uint64_t count, int64_t begin, int64_t end)
{
	struct source_stream *stream = &port->public;
	struct record *rec;
	int64_t *v;

	if (!stream->lost_events && !stream->lost_packets)
		stream->lost_begin = begin;
	stream->lost_end = end;
	if (kind == EV_lost_events)
		stream->lost_events += count;
	else
		stream->lost_packets += count;
	if (end < port->low || end > port->high)
		return;
	rec = push_record(port, begin, EV_gap_begin);
	v = push_values(port, F_gap_begin_COUNT);
	v[F_gap_begin_count] = (int64_t)count;
	rec->v = v;
	rec = push_record(port, end, kind);
	v = push_values(port, F_lost_events_COUNT);
	v[F_lost_events_count] = (int64_t)count;
	v[F_lost_events_begin] = begin;
	v[F_lost_events_end] = end;
	rec->v = v;
}

static bool event_time(const bt_message *message, int64_t *time)
{
	return snapshot_ns(bt_message_event_borrow_default_clock_snapshot_const(message), time);
}

/* An event of this stream, of whatever class, has this time. Returns whether it is within limits. */
static bool see_event(struct port *port, int64_t time)
{
	struct source *source = port->source;

	port->now = time;
	if (time < port->low)
		return false;
	if (time > port->high || time > source->end) {
		port->ended = true;
		return false;
	}
	if (time >= source->begin) {
		if (!source->seen || time < source->first)
			source->first = time;
		if (!source->seen || time > source->last)
			source->last = time;
		source->seen = true;
	}
	return true;
}

/*
 * Whether all events of a batch are within limits. Then all have been seen once the first and the
 * last are, and nobody has to look at the times of those between that nobody wants.
 */
static bool see_batch(struct port *port)
{
	uint64_t first = 0, last = port->n_messages;
	int64_t begin, end;

	while (first < last && bt_message_get_type(port->messages[first]) != BT_MESSAGE_TYPE_EVENT)
		first++;
	while (last > first &&
		bt_message_get_type(port->messages[last - 1]) != BT_MESSAGE_TYPE_EVENT)
		last--;
	if (first == last || !event_time(port->messages[first], &begin) ||
		!event_time(port->messages[last - 1], &end) || begin < port->low ||
		begin < port->source->begin || end > port->high || end > port->source->end)
		return false;
	return see_event(port, begin) && see_event(port, end);
}

static struct class_info *class_of(const struct port *port, const bt_event *event)
{
	uint64_t id = bt_event_class_get_id(bt_event_borrow_class_const(event));

	return id < port->classes->by_id->len ? port->classes->by_id->pdata[id] : NULL;
}

/* The values of an event that its class is bound to. */
static const int64_t *read_values(
	struct port *port, const struct class_info *class, const bt_event *event)
{
	const struct slot *slots = (const struct slot *)(const void *)class->slots->data;
	const bt_field *scopes[SCOPE_NONE] = {NULL};
	guint count = class->slots->len;
	int64_t *v = push_values(port, count);

	for (guint i = 0; i < count; i++) {
		const struct slot *slot = &slots[i];

		v[i] = VALUE_ABSENT;
		if (!slot->number)
			continue;
		if (!scopes[slot->scope])
			scopes[slot->scope] = scope_field(event, slot->scope);
		if (scopes[slot->scope])
			v[i] = slot_integer(scopes[slot->scope], slot);
	}
	return v;
}

/* Returns whether the message must stay: a record has a handle of its event. */
static bool read_event(struct port *port, const bt_message *message, bool seen)
{
	const bt_event *event = bt_message_event_borrow_event_const(message);
	struct class_info *class = class_of(port, event);
	struct record *rec;
	int64_t time;

	/* Where events are lost, the last one that was not counts. */
	if (seen && !port->gap_events && (!class || !class->wanted))
		return false;
	if (!event_time(message, &time) || !see_event(port, time) || !class || !class->wanted)
		return false;
	rec = push_record(port, time, class->kind);
	rec->class_no = class->number;
	rec->sub = class->sub;
	rec->handle = class->keeps ? event : NULL;
	rec->v = read_values(port, class, event);
	return class->keeps;
}

static void read_packet_beginning(struct port *port, const bt_message *message)
{
	const bt_packet *packet = bt_message_packet_beginning_borrow_packet_const(message);
	const bt_field *context = bt_packet_borrow_context_field_const(packet);
	int64_t time, cpu;

	if (context && port->classes->cpu_member >= 0) {
		const bt_field *field = bt_field_structure_borrow_member_field_by_index_const(
			context, port->classes->cpu_member);

		if (scalar_integer(field, bt_field_get_class_type(field), &cpu) && cpu >= 0 &&
			cpu <= INT32_MAX)
			port->public.cpu = (int32_t)cpu;
	}
	if (bt_stream_class_packets_have_beginning_default_clock_snapshot(port->classes->bt) &&
		snapshot_ns(
			bt_message_packet_beginning_borrow_default_clock_snapshot_const(message),
			&time) &&
		time >= port->low && time <= port->high)
		push_record(port, time, EV_packet_begin);
}

/*
 * A packet's header counts the events that came after its last one, when it was full and the
 * tracer had no other: until there was one again, and it ended.
 */
static void flush_gap(struct port *port, int64_t end)
{
	if (port->gap_events)
		push_gap(port, EV_lost_events, port->gap_events, MIN(port->now, end), end);
	port->gap_events = 0;
}

static void read_packet_end(struct port *port, const bt_message *message)
{
	int64_t time;

	if (!bt_stream_class_packets_have_end_default_clock_snapshot(port->classes->bt) ||
		!snapshot_ns(
			bt_message_packet_end_borrow_default_clock_snapshot_const(message), &time))
		return;
	flush_gap(port, time);
	if (time >= port->low && time <= port->high)
		push_record(port, time, EV_packet_end);
}

/*
 * How many events a step of the tracer's counter means. The counter only grows; but a packet may
 * have 0 between two large values, which the library tells as an enormous step and one back. What
 * counts is by how much the counter exceeds what it has been. A counter that stays low has been
 * reset: from then on its own steps count.
 */
static uint64_t lost_by_step(struct port *port, uint64_t step)
{
	int64_t before = port->lost_counter;
	uint64_t lost = 0;

	port->lost_counter = (int64_t)((uint64_t)before + step);
	if (port->lost_counter >= port->lost_top) {
		lost = (uint64_t)(port->lost_counter - port->lost_top);
		port->lost_top = port->lost_counter;
		port->lost_fell = false;
	} else if (!port->lost_fell) {
		port->lost_fell = true;
	} else {
		if (port->lost_counter > before)
			lost = (uint64_t)(port->lost_counter - before);
		port->lost_top = port->lost_counter;
		port->lost_fell = false;
	}
	return lost;
}

static void read_discarded_events(struct port *port, const bt_message *message)
{
	uint64_t step = 0;

	if (bt_message_discarded_events_get_count(message, &step) !=
		BT_PROPERTY_AVAILABILITY_AVAILABLE)
		step = 1;
	flush_gap(port, port->now);
	port->gap_events = lost_by_step(port, step);
}

static void read_discarded_packets(struct port *port, const bt_message *message)
{
	const bt_stream_class *class = port->classes->bt;
	uint64_t count = 1;
	int64_t begin, end;

	if (!bt_stream_class_discarded_packets_have_default_clock_snapshots(class) ||
		!snapshot_ns(
			bt_message_discarded_packets_borrow_beginning_default_clock_snapshot_const(
				message),
			&begin) ||
		!snapshot_ns(bt_message_discarded_packets_borrow_end_default_clock_snapshot_const(
				     message),
			&end))
		begin = end = port->source->last;
	if (bt_message_discarded_packets_get_count(message, &count) !=
		BT_PROPERTY_AVAILABILITY_AVAILABLE)
		count = 1;
	push_gap(port, EV_lost_packets, count, begin, end);
}

/* Makes records of one message; returns whether it must stay. */
static bool read_message(struct port *port, const bt_message *message, bool seen)
{
	switch (bt_message_get_type(message)) {
	case BT_MESSAGE_TYPE_EVENT:
		return read_event(port, message, seen);
	case BT_MESSAGE_TYPE_PACKET_BEGINNING:
		read_packet_beginning(port, message);
		return false;
	case BT_MESSAGE_TYPE_PACKET_END:
		read_packet_end(port, message);
		return false;
	case BT_MESSAGE_TYPE_DISCARDED_EVENTS:
		read_discarded_events(port, message);
		return false;
	case BT_MESSAGE_TYPE_DISCARDED_PACKETS:
		read_discarded_packets(port, message);
		return false;
	default:
		return false;
	}
}

/* Makes records of all messages at hand, and lets them go. */
static void read_messages(struct port *port)
{
	int64_t before = port->now, end;
	bool seen;

	make_room(port, port->n_messages);
	seen = see_batch(port);
	end = port->now;
	port->now = before;
	for (uint64_t i = 0; i < port->n_messages; i++) {
		const bt_message *message = port->messages[i];

		if (!port->ended && read_message(port, message, seen))
			g_ptr_array_add(port->kept, (gpointer)message);
		else
			bt_message_put_ref(message);
	}
	port->n_messages = 0;
	port->now = MAX(port->now, end);
}

/*
 * Makes the next records of a stream. Goes on a while if few events are wanted, but not for ever:
 * the caller wants to hear of time passing.
 */
static bool feed_port(struct port *port)
{
	forget_records(port);
	for (int tries = 0; tries < 256 && !port->ended && port->n_records < RECORDS_AHEAD;
		tries++) {
		bt_message_iterator_next_status status = bt_message_iterator_next(
			port->iterator, &port->messages, &port->n_messages);

		if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_OK)
			port->n_messages = 0;
		if (status == BT_MESSAGE_ITERATOR_NEXT_STATUS_END) {
			port->ended = true;
			make_room(port, 1);
			flush_gap(port, port->now);
			push_record(port, port->now, EV_stream_end);
			return true;
		}
		if (status == BT_MESSAGE_ITERATOR_NEXT_STATUS_AGAIN)
			return true;
		if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_OK)
			return false;
		if (!port->source->bound)
			return true;
		read_messages(port);
	}
	return true;
}

/* ---- The graph ---- */

static bt_component_class_initialize_method_status sink_initialize(bt_self_component_sink *self,
	bt_self_component_sink_configuration *config, const bt_value *params, void *data)
{
	struct source *source = data;

	(void)config;
	(void)params;
	bt_self_component_set_data(bt_self_component_sink_as_self_component(self), source);
	for (guint i = 0; i < source->ports->len; i++) {
		char name[16];

		g_snprintf(name, sizeof(name), "%u", i);
		if (bt_self_component_sink_add_input_port(self, name, NULL, NULL) !=
			BT_SELF_COMPONENT_ADD_PORT_STATUS_OK)
			return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_ERROR;
	}
	return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_OK;
}

static bt_component_class_sink_graph_is_configured_method_status sink_configured(
	bt_self_component_sink *self)
{
	struct source *source =
		bt_self_component_get_data(bt_self_component_sink_as_self_component(self));

	for (guint i = 0; i < source->ports->len; i++) {
		struct port *port = g_ptr_array_index(source->ports, i);

		if (bt_message_iterator_create_from_sink_component(self,
			    bt_self_component_sink_borrow_input_port_by_index(self, i),
			    &port->iterator) !=
			BT_MESSAGE_ITERATOR_CREATE_FROM_SINK_COMPONENT_STATUS_OK)
			return BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_ERROR;
	}
	return BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_OK;
}

/* One step of the graph: all streams that have nothing left take what comes next. */
static bt_component_class_sink_consume_method_status sink_consume(bt_self_component_sink *self)
{
	struct source *source =
		bt_self_component_get_data(bt_self_component_sink_as_self_component(self));

	for (guint i = 0; i < source->hungry->len; i++) {
		if (!feed_port(g_ptr_array_index(source->hungry, i)))
			return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_ERROR;
	}
	return BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_OK;
}

static void free_port(gpointer data)
{
	struct port *port = data;

	for (uint64_t i = 0; i < port->n_messages; i++)
		bt_message_put_ref(port->messages[i]);
	release_kept(port);
	g_ptr_array_unref(port->kept);
	bt_message_iterator_put_ref(port->iterator);
	g_free(port->records);
	g_free(port->values);
	g_free((char *)port->public.name);
	g_free(port);
}

void source_close(struct source *source)
{
	if (!source)
		return;
	g_array_free(source->heap, TRUE);
	g_ptr_array_unref(source->hungry);
	g_ptr_array_unref(source->ports);
	g_ptr_array_unref(source->class_sets);
	g_ptr_array_unref(source->classes);
	g_ptr_array_unref(source->traces);
	bt_graph_put_ref(source->graph);
	g_free(source);
}

static struct source *source_new(void)
{
	struct source *source = g_new0(struct source, 1);

	source->ports = g_ptr_array_new_with_free_func(free_port);
	source->classes = g_ptr_array_new_with_free_func(free_class);
	source->class_sets = g_ptr_array_new_with_free_func(free_class_set);
	source->traces = g_ptr_array_new_with_free_func(free_trace);
	source->heap = g_array_new(FALSE, FALSE, sizeof(struct waiting));
	source->hungry = g_ptr_array_new();
	source->getters = (struct record_getters){get_string, get_ints, source};
	source->begin = INT64_MIN;
	source->end = INT64_MAX;
	source->range_begin = INT64_MAX;
	source->range_end = INT64_MIN;
	source->values_max = 2 * F_lost_events_COUNT;
	return source;
}

/* Fills in an error with what libbabeltrace2 says. */
static void set_error(GError **error, enum source_error code, const char *what, const char *path)
{
	char *reason = bt2_reason();

	g_set_error(error, SOURCE_ERROR, code, "%s %s: %s", what, path,
		reason ? reason : "libbabeltrace2 does not say why");
	g_free(reason);
}

static bt_value *inputs_of(const struct trace_files *files)
{
	bt_value *params = bt_value_map_create();
	bt_value *inputs;

	bt_value_map_insert_empty_array_entry(params, "inputs", &inputs);
	for (guint i = 0; i < files->folders->len; i++)
		bt_value_array_append_string_element(inputs, g_ptr_array_index(files->folders, i));
	return params;
}

static bool map_integer(const bt_value *map, const char *key, int64_t *value)
{
	const bt_value *entry = bt_value_map_borrow_entry_value_const(map, key);

	if (!entry || !bt_value_is_signed_integer(entry))
		return false;
	*value = bt_value_integer_signed_get(entry);
	return true;
}

/* What the trace's packets span: its streams together, and what all of them have in common. */
struct span {
	int64_t begin, end;
	int64_t common_begin, common_end;
	bool known; /* for every stream */
};

static bool stream_span(const bt_value *stream, int64_t *begin, int64_t *end)
{
	const bt_value *range = bt_value_map_borrow_entry_value_const(stream, "range-ns");

	return range && map_integer(range, "begin", begin) && map_integer(range, "end", end);
}

/* Asks for the span of a trace; false with `error` if the trace can't be read at all. */
static bool find_span(const bt_component_class_source *class, const struct trace_files *files,
	struct span *span, GError **error)
{
	const bt_value *infos = bt2_query(class, "babeltrace.trace-infos", inputs_of(files));
	uint64_t n_traces;

	*span = (struct span){INT64_MAX, INT64_MIN, INT64_MIN, INT64_MAX, true};
	if (!infos) {
		set_error(error, SOURCE_ERROR_OPEN, "cannot read",
			g_ptr_array_index(files->folders, 0));
		return false;
	}
	n_traces = bt_value_array_get_length(infos);
	for (uint64_t i = 0; i < n_traces; i++) {
		const bt_value *streams = bt_value_map_borrow_entry_value_const(
			bt_value_array_borrow_element_by_index_const(infos, i), "stream-infos");
		uint64_t n_streams = streams ? bt_value_array_get_length(streams) : 0;

		for (uint64_t j = 0; j < n_streams; j++) {
			int64_t begin, end;

			if (!stream_span(bt_value_array_borrow_element_by_index_const(streams, j),
				    &begin, &end)) {
				span->known = false;
				continue;
			}
			span->begin = MIN(span->begin, begin);
			span->end = MAX(span->end, end);
			span->common_begin = MAX(span->common_begin, begin);
			span->common_end = MIN(span->common_end, end);
		}
	}
	if (span->begin > span->end)
		span->known = false;
	bt_value_put_ref(infos);
	return true;
}

/* An output port of a trace's component, while the graph is being built. */
struct output {
	unsigned int trace;
	const bt_port_output *port;
	const char *name;
};

static gint compare_outputs(gconstpointer a, gconstpointer b)
{
	const struct output *x = a, *y = b;

	if (x->trace != y->trace)
		return x->trace < y->trace ? -1 : 1;
	return strverscmp(x->name, y->name);
}

/* Adds the component that reads one trace; appends its ports to `outputs`. */
static bool add_component(struct source *source, const bt_component_class_source *class,
	const struct trace_files *files, unsigned int trace, GArray *outputs, GError **error)
{
	const bt_component_source *component;
	bt_value *params = inputs_of(files);
	bt_graph_add_component_status status;
	uint64_t count;
	char name[32];

	g_snprintf(name, sizeof(name), "trace%u", trace);
	status = bt_graph_add_source_component(
		source->graph, class, name, params, BT_LOGGING_LEVEL_NONE, &component);
	bt_value_put_ref(params);
	if (status != BT_GRAPH_ADD_COMPONENT_STATUS_OK) {
		set_error(error, SOURCE_ERROR_OPEN, "cannot read",
			g_ptr_array_index(files->folders, 0));
		return false;
	}
	count = bt_component_source_get_output_port_count(component);
	for (uint64_t i = 0; i < count; i++) {
		struct output output = {.trace = trace};

		output.port = bt_component_source_borrow_output_port_by_index_const(component, i);
		output.name = bt_port_get_name(bt_port_output_as_port_const(output.port));
		g_array_append_val(outputs, output);
	}
	return true;
}

static void add_port(struct source *source, const struct output *output, const struct span *span,
	bool intersection)
{
	struct port *port = g_new0(struct port, 1);

	port->source = source;
	port->kept = g_ptr_array_new();
	port->number = source->ports->len;
	port->public.name = g_strdup(output->name);
	port->public.trace = output->trace;
	port->public.cpu = CPU_UNKNOWN;
	port->low = intersection && span->known ? span->common_begin : INT64_MIN;
	port->high = intersection && span->known ? span->common_end : INT64_MAX;
	g_ptr_array_add(source->ports, port);
	g_ptr_array_add(source->hungry, port);
}

/* Adds our sink and connects every stream to a port of its own. */
static bool connect_outputs(struct source *source, const GArray *outputs, GError **error)
{
	bt_component_class_sink *class = bt_component_class_sink_create("lttnga", sink_consume);
	const bt_component_sink *sink;
	bool ok;

	bt_component_class_sink_set_initialize_method(class, sink_initialize);
	bt_component_class_sink_set_graph_is_configured_method(class, sink_configured);
	ok = bt_graph_add_sink_component_with_initialize_method_data(source->graph, class, "lttnga",
		     NULL, source, BT_LOGGING_LEVEL_NONE,
		     &sink) == BT_GRAPH_ADD_COMPONENT_STATUS_OK;
	bt_component_class_sink_put_ref(class);
	for (guint i = 0; ok && i < outputs->len; i++)
		ok = bt_graph_connect_ports(source->graph,
			     g_array_index(outputs, struct output, i).port,
			     bt_component_sink_borrow_input_port_by_index_const(sink, i),
			     NULL) == BT_GRAPH_CONNECT_PORTS_STATUS_OK;
	if (!ok)
		set_error(error, SOURCE_ERROR_OPEN, "cannot read", "the trace");
	return ok;
}

static bool run_graph(struct source *source, GError **error)
{
	bt_graph_run_once_status status = bt_graph_run_once(source->graph);

	if (status == BT_GRAPH_RUN_ONCE_STATUS_OK || status == BT_GRAPH_RUN_ONCE_STATUS_AGAIN)
		return true;
	set_error(error, SOURCE_ERROR_READ, "cannot read on",
		((struct trace_info *)g_ptr_array_index(source->traces, 0))->public.path);
	return false;
}

/* ---- What the first messages tell: classes, environment ---- */

static const char *env_text(struct trace_info *info, const char *key)
{
	const bt_value *value =
		bt_trace_borrow_environment_entry_value_by_name_const(info->bt, key);
	char *text;

	if (!value || !bt_value_is_string(value))
		return NULL;
	text = g_strdup(bt_value_string_get(value));
	g_ptr_array_add(info->strings, text);
	return text;
}

static int env_number(struct trace_info *info, const char *key)
{
	const bt_value *value =
		bt_trace_borrow_environment_entry_value_by_name_const(info->bt, key);

	if (value && bt_value_is_signed_integer(value))
		return (int)CLAMP(bt_value_integer_signed_get(value), -1, INT32_MAX);
	if (value && bt_value_is_string(value))
		return (int)CLAMP(
			g_ascii_strtoll(bt_value_string_get(value), NULL, 10), 0, INT32_MAX);
	return -1;
}

static void learn_trace(struct trace_info *info, const bt_trace *trace)
{
	struct source_trace *public = &info->public;

	if (info->bt)
		return;
	info->bt = trace;
	public->hostname = env_text(info, "hostname");
	public->domain = env_text(info, "domain");
	public->tracer_name = env_text(info, "tracer_name");
	public->kernel_release = env_text(info, "kernel_release");
	public->kernel_version = env_text(info, "kernel_version");
	public->tracer_major = env_number(info, "tracer_major");
	public->tracer_minor = env_number(info, "tracer_minor");
	public->tracer_patch = env_number(info, "tracer_patchlevel");
}

static int64_t find_cpu_member(const bt_stream_class *class)
{
	const bt_field_class *context =
		bt_stream_class_borrow_packet_context_field_class_const(class);
	uint64_t count = context ? bt_field_class_structure_get_member_count(context) : 0;

	for (uint64_t i = 0; i < count; i++) {
		if (strcmp(bt_field_class_structure_member_get_name(
				   bt_field_class_structure_borrow_member_by_index_const(
					   context, i)),
			    "cpu_id") == 0)
			return (int64_t)i;
	}
	return -1;
}

static struct class_set *class_set_for(
	struct source *source, unsigned int trace, const bt_stream_class *class)
{
	struct class_set *set;
	uint64_t count;

	for (guint i = 0; i < source->class_sets->len; i++) {
		set = g_ptr_array_index(source->class_sets, i);
		if (set->bt == class)
			return set;
	}
	set = g_new0(struct class_set, 1);
	set->bt = class;
	set->by_id = g_ptr_array_new();
	set->cpu_member = find_cpu_member(class);
	set->has_clock = bt_stream_class_borrow_default_clock_class_const(class) != NULL;
	g_ptr_array_add(source->class_sets, set);
	count = bt_stream_class_get_event_class_count(class);
	for (uint64_t i = 0; i < count && set->has_clock; i++)
		add_class(source, set, trace,
			bt_stream_class_borrow_event_class_by_index_const(class, i));
	return set;
}

/* Every stream begins with a message that tells its class; returns false with `error` if not. */
static bool learn_stream(struct source *source, struct port *port, GError **error)
{
	struct trace_info *info = g_ptr_array_index(source->traces, port->public.trace);
	const bt_stream *stream;

	if (port->ended)
		return true;
	if (port->n_messages == 0 ||
		bt_message_get_type(port->messages[0]) != BT_MESSAGE_TYPE_STREAM_BEGINNING) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			"stream %s of %s does not begin", port->public.name, info->public.path);
		return false;
	}
	stream = bt_message_stream_beginning_borrow_stream_const(port->messages[0]);
	learn_trace(info, bt_stream_borrow_trace_const(stream));
	port->classes =
		class_set_for(source, port->public.trace, bt_stream_borrow_class_const(stream));
	if (!port->classes->has_clock) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			"%s is not a kernel trace: its events have no times", info->public.path);
		return false;
	}
	return true;
}

static bool build(struct source *source, const GPtrArray *traces,
	const struct source_options *options, GPtrArray *notes, GError **error)
{
	const bt_component_class_source *class = bt2_ctf_class(error);
	GArray *spans = g_array_new(FALSE, FALSE, sizeof(struct span));
	GArray *outputs = g_array_new(FALSE, FALSE, sizeof(struct output));
	unsigned int without = 0;
	bool ok = true;

	source->graph = bt_graph_create(0);
	source->has_range = true;
	for (guint i = 0; ok && i < traces->len; i++) {
		const struct trace_files *files = g_ptr_array_index(traces, i);
		struct trace_info *info = g_new0(struct trace_info, 1);
		struct span span;

		info->strings = g_ptr_array_new_with_free_func(g_free);
		info->public.path = g_strdup(g_ptr_array_index(files->folders, 0));
		g_ptr_array_add(info->strings, (gpointer)info->public.path);
		g_ptr_array_add(source->traces, info);
		ok = find_span(class, files, &span, error) &&
		     add_component(source, class, files, i, outputs, error);
		g_array_append_val(spans, span);
		if (!ok)
			break;
		if (options->intersection && span.known && span.common_begin > span.common_end) {
			without++;
			continue;
		}
		if (span.known) {
			bool common = options->intersection;

			source->range_begin =
				MIN(source->range_begin, common ? span.common_begin : span.begin);
			source->range_end =
				MAX(source->range_end, common ? span.common_end : span.end);
		} else {
			source->has_range = false;
		}
	}
	if (ok && without == traces->len) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_INTERSECTION,
			"the streams of %s have no time in common: use --no-intersection to "
			"read all that is there",
			((struct trace_info *)g_ptr_array_index(source->traces, 0))->public.path);
		ok = false;
	} else if (ok && without > 0) {
		g_ptr_array_add(notes,
			g_strdup_printf("%u of %u traces are left out: their streams have no time "
					"in common (--no-intersection reads them)",
				without, traces->len));
	}
	if (ok) {
		g_array_sort(outputs, compare_outputs);
		for (guint i = 0; i < outputs->len; i++) {
			const struct output *output = &g_array_index(outputs, struct output, i);

			add_port(source, output, &g_array_index(spans, struct span, output->trace),
				options->intersection);
		}
		ok = connect_outputs(source, outputs, error);
	}
	g_array_free(spans, TRUE);
	g_array_free(outputs, TRUE);
	return ok;
}

struct source *source_open(const char *const *paths, const struct source_options *options,
	GPtrArray *notes, GError **error)
{
	GPtrArray *traces = trace_files_find(paths, notes, error);
	struct source *source;
	bool ok;

	if (!traces)
		return NULL;
	source = source_new();
	ok = build(source, traces, options, notes, error);
	g_ptr_array_unref(traces);
	if (ok && source->ports->len == 0) {
		g_set_error(error, SOURCE_ERROR, SOURCE_ERROR_OPEN,
			"%s holds no events: it has no "
			"stream files, or only empty ones",
			paths[0]);
		ok = false;
	}
	ok = ok && run_graph(source, error);
	for (guint i = 0; ok && i < source->ports->len; i++)
		ok = learn_stream(source, g_ptr_array_index(source->ports, i), error);
	if (ok)
		return source;
	source_close(source);
	return NULL;
}

unsigned int source_n_classes(const struct source *source)
{
	return source->classes->len;
}

const struct source_class *source_class(const struct source *source, unsigned int number)
{
	return &((struct class_info *)g_ptr_array_index(source->classes, number))->public;
}

unsigned int source_n_traces(const struct source *source)
{
	return source->traces->len;
}

const struct source_trace *source_trace(const struct source *source, unsigned int number)
{
	return &((struct trace_info *)g_ptr_array_index(source->traces, number))->public;
}

unsigned int source_n_streams(const struct source *source)
{
	return source->ports->len;
}

const struct source_stream *source_stream(const struct source *source, unsigned int number)
{
	return &((struct port *)g_ptr_array_index(source->ports, number))->public;
}

bool source_range(const struct source *source, int64_t *begin, int64_t *end)
{
	*begin = source->range_begin;
	*end = source->range_end;
	return source->has_range && source->range_begin <= source->range_end;
}

void source_limit(struct source *source, int64_t begin, int64_t end)
{
	source->begin = begin;
	source->end = end;
}

bool source_seen(const struct source *source, int64_t *first, int64_t *last)
{
	*first = source->first;
	*last = source->last;
	return source->seen;
}

/* ---- The merge ---- */

static bool before(const struct waiting *a, const struct waiting *b)
{
	return a->time != b->time ? a->time < b->time : a->port->number < b->port->number;
}

static struct waiting waiting_of(struct port *port)
{
	return (struct waiting){port->records[port->next].time, port};
}

static struct waiting *heap_at(const struct source *source, guint at)
{
	return &g_array_index(source->heap, struct waiting, at);
}

/* The first in the heap has changed: it goes to its place. */
static void heap_down(struct source *source)
{
	guint at = 0, length = source->heap->len;

	for (;;) {
		guint child = 2 * at + 1;
		struct waiting swap;

		if (child >= length)
			return;
		if (child + 1 < length &&
			before(heap_at(source, child + 1), heap_at(source, child)))
			child++;
		if (!before(heap_at(source, child), heap_at(source, at)))
			return;
		swap = *heap_at(source, at);
		*heap_at(source, at) = *heap_at(source, child);
		*heap_at(source, child) = swap;
		at = child;
	}
}

static void heap_add(struct source *source, struct port *port)
{
	struct waiting one = waiting_of(port);
	guint at = source->heap->len;

	g_array_append_val(source->heap, one);
	while (at > 0) {
		guint parent = (at - 1) / 2;

		if (!before(&one, heap_at(source, parent)))
			break;
		*heap_at(source, at) = *heap_at(source, parent);
		*heap_at(source, parent) = one;
		at = parent;
	}
}

/* Lets the hungry ports read on; those that have records join the heap. */
static bool feed(struct source *source, GError **error)
{
	guint left = 0;

	if (!source->bound) {
		/* What was read to learn the classes are the first messages to make records of. */
		source->bound = true;
		for (guint i = 0; i < source->ports->len; i++) {
			struct port *port = g_ptr_array_index(source->ports, i);

			if (!port->ended)
				read_messages(port);
		}
	} else if (!run_graph(source, error)) {
		return false;
	}
	for (guint i = 0; i < source->hungry->len; i++) {
		struct port *port = g_ptr_array_index(source->hungry, i);

		if (port->n_records > port->next)
			heap_add(source, port);
		else if (!port->ended)
			source->hungry->pdata[left++] = port;
	}
	g_ptr_array_set_size(source->hungry, (gint)left);
	return true;
}

enum source_status source_next(
	struct source *source, const struct record **records, size_t *n, GError **error)
{
	const struct waiting *second = NULL;
	struct waiting now;
	struct port *port;
	size_t begin;

	*n = 0;
	if (source->hungry->len > 0 && !feed(source, error))
		return SOURCE_FAILED;
	if (source->hungry->len > 0)
		return SOURCE_MORE;
	if (source->heap->len == 0)
		return SOURCE_END;
	/* The earliest stream goes on until it meets the second. */
	port = heap_at(source, 0)->port;
	if (source->heap->len > 1)
		second = heap_at(source, 1);
	if (source->heap->len > 2 && before(heap_at(source, 2), second))
		second = heap_at(source, 2);
	begin = port->next;
	do {
		if (++port->next == port->n_records)
			break;
		now = waiting_of(port);
	} while (!second || before(&now, second));
	if (port->next < port->n_records) {
		*heap_at(source, 0) = now;
	} else {
		if (!port->ended)
			g_ptr_array_add(source->hungry, port);
		g_array_remove_index_fast(source->heap, 0);
	}
	heap_down(source);
	*records = port->records + begin;
	*n = port->next - begin;
	return SOURCE_MORE;
}
