/*
 * From the messages of one stream of libbabeltrace2 to records: of the wanted events only, of
 * packets, and of what is missing.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/bt2/bt2.h"

#include "host/bt2/util.h"

#include "state/events.h"

/* The stream can't be read on, for a reason that is to be freed; the first one counts. */
static void port_fail(struct port *port, char *fault)
{
	if (port->fault)
		g_free(fault);
	else
		port->fault = fault;
}

static bool snapshot_ns(struct port *port, const bt_clock_snapshot *snapshot, int64_t *ns)
{
	const struct source_trace *trace =
		source_trace(port->stream.source, port->stream.facts.trace);

	if (bt_clock_snapshot_get_ns_from_origin(snapshot, ns) ==
			BT_CLOCK_SNAPSHOT_GET_NS_FROM_ORIGIN_STATUS_OK &&
		clock_correct(&trace->clock, ns))
		return true;
	port_fail(port, bt2_reason() ?: g_strdup("a timestamp is out of range"));
	return false;
}

/* A stream's time never goes back, nor beyond the end of its packets, unless it is damaged. */
static bool advance(struct port *port, int64_t time)
{
	if (time < port->stream.now)
		port_fail(port, g_strdup_printf("damaged: time goes back by %.9f s",
					(double)time_span(time, port->stream.now) / 1e9));
	else if (time > port->last)
		port_fail(port, g_strdup_printf("damaged: an event is %.9f s "
						"after the end of the stream",
					(double)time_span(port->last, time) / 1e9));
	else
		port->stream.now = time;
	return !port->fault;
}

/*
 * A message can become a record of its own, and tell the end of the packet before and what is lost
 * since: two records for what was lost in that, two for events, two for packets.
 */
#define RECORDS_PER_MESSAGE 8

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
	stream_forget(&port->stream);
}

/* Room for the records of `n` messages more. */
static void make_room(struct port *port, size_t n)
{
	size_t records = n * RECORDS_PER_MESSAGE;

	stream_room(&port->stream, records, records * bt2_of(port->stream.source)->values_max);
}

static bool event_time(struct port *port, const bt_message *message, int64_t *time)
{
	return snapshot_ns(
		port, bt_message_event_borrow_default_clock_snapshot_const(message), time);
}

/* See stream_see(). */
static bool see_event(struct port *port, int64_t time)
{
	if (!advance(port, time))
		return false;
	port->past |= time > port->stream.high || time > port->stream.source->end;
	return stream_see(&port->stream, time);
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
	if (first == last || !event_time(port, port->messages[first], &begin) ||
		!event_time(port, port->messages[last - 1], &end) ||
		begin < stream_counted_from(&port->stream) || end > port->stream.high ||
		end > port->stream.source->end)
		return false;
	return see_event(port, begin) && see_event(port, end);
}

static void count_event(struct port *port, struct class_info *class)
{
	port->stream.facts.events++;
	if (port->stream.source->counts && class)
		class->facts.events++;
}

/* Returns whether the message must stay: a record has a handle of its event. */
static bool read_event(struct port *port, const bt_message *message, bool seen)
{
	const bt_event *event = bt_message_event_borrow_event_const(message);
	struct class_info *class = class_of(port->classes, event);
	bool wanted = class && class->wanted;
	struct record *rec;
	int64_t time, *v;
	int32_t cpu;

	if (!port->stream.awake && event_time(port, message, &time) && see_event(port, time)) {
		stream_push(&port->stream, time, EV_first_event);
		port->stream.awake = true;
	}
	/* Where events are lost, the last one that was not counts. */
	if (seen && !port->stream.gap_events && !wanted) {
		count_event(port, class);
		return false;
	}
	if (!event_time(port, message, &time) || !see_event(port, time))
		return false;
	if (time >= stream_counted_from(&port->stream))
		count_event(port, class);
	if (!wanted || stream_is_copy(&port->stream, class->number, time))
		return false;
	cpu = port->stream.facts.cpu;
	if (class->cpu.scope != SCOPE_NONE)
		cpu = stream_event_cpu(&port->stream, time, class_cpu(class, event));
	rec = stream_push(&port->stream, time, class->kind);
	rec->cpu = cpu;
	rec->class_no = class->number;
	rec->sub = class->sub;
	rec->handle = class->keeps ? event : NULL;
	rec->v = v = stream_values(&port->stream, class->slots->len);
	class_read(class, event, v);
	return class->keeps;
}

/* Tells the end of the packet before, now that it is known when the next one begins, or that none does. */
static void end_packet(struct port *port, int64_t next)
{
	if (!port->has_packet_end)
		return;
	port->has_packet_end = false;
	stream_end_packet(&port->stream, port->packet_end, next);
}

/* Tells the end of the packet before, and what is lost since, which comes after that. */
static void tell_lost(struct port *port, int64_t next)
{
	end_packet(port, next);
	if (port->has_lost)
		stream_lose(&port->stream, port->lost_step);
	if (port->lost_packets > 0)
		stream_gap(&port->stream, EV_lost_packets, port->lost_packets, port->lost_begin,
			port->lost_end);
	port->has_lost = false;
	port->lost_step = 0;
	port->lost_packets = 0;
}

/* The CPU of the packet that begins; `otherwise` if it does not tell. */
static int32_t packet_cpu(const struct port *port, const bt_message *message, int32_t otherwise)
{
	const bt_packet *packet = bt_message_packet_beginning_borrow_packet_const(message);
	const bt_field *context = bt_packet_borrow_context_field_const(packet);
	int64_t cpu;

	if (!context || port->classes->cpu_member < 0 ||
		!field_integer(bt_field_structure_borrow_member_field_by_index_const(
				       context, port->classes->cpu_member),
			&cpu) ||
		cpu < 0 || cpu > INT32_MAX)
		return otherwise;
	return (int32_t)cpu;
}

int32_t port_first_cpu(const struct port *port)
{
	for (uint64_t i = 0; i < port->n_messages; i++)
		if (bt_message_get_type(port->messages[i]) == BT_MESSAGE_TYPE_PACKET_BEGINNING)
			return packet_cpu(port, port->messages[i], CPU_UNKNOWN);
	return CPU_UNKNOWN;
}

static void read_packet_beginning(struct port *port, const bt_message *message)
{
	int64_t time;

	port->stream.facts.cpu = packet_cpu(port, message, port->stream.facts.cpu);
	if (!bt_stream_class_packets_have_beginning_default_clock_snapshot(port->classes->bt)) {
		if (port->past)
			stream_cut(&port->stream);
		return;
	}
	if (!snapshot_ns(port,
		    bt_message_packet_beginning_borrow_default_clock_snapshot_const(message),
		    &time) ||
		!advance(port, time))
		return;
	if (!port->past)
		tell_lost(port, time);
	if (time > port->stream.high || time > port->stream.source->end || port->past) {
		stream_cut(&port->stream);
		return;
	}
	if (!port->stream.begun)
		stream_push(&port->stream, time, EV_stream_begin);
	port->stream.begun = true;
	stream_push(&port->stream, time, EV_packet_begin);
}

static void read_packet_end(struct port *port, const bt_message *message)
{
	int64_t time;

	if (!bt_stream_class_packets_have_end_default_clock_snapshot(port->classes->bt) ||
		!snapshot_ns(port,
			bt_message_packet_end_borrow_default_clock_snapshot_const(message), &time))
		return;
	/* Old tracers can note the end of a packet a bit early. */
	time = MAX(time, port->stream.now);
	stream_flush_gap(&port->stream, time);
	port->stream.now = time;
	port->has_packet_end = time <= port->stream.high;
	port->past |= stream_is_past(&port->stream, time);
	port->packet_end = time;
}

static void read_discarded_events(struct port *port, const bt_message *message)
{
	uint64_t step = 0;

	if (bt_message_discarded_events_get_count(message, &step) !=
		BT_PROPERTY_AVAILABILITY_AVAILABLE)
		step = 1;
	port->lost_step = (int64_t)((uint64_t)port->lost_step + step);
	port->has_lost = true;
	if (!port->has_packet_end)
		tell_lost(port, VALUE_ABSENT);
}

static void read_discarded_packets(struct port *port, const bt_message *message)
{
	const bt_stream_class *class = port->classes->bt;
	uint64_t count = 1;
	int64_t begin, end;

	if (!bt_stream_class_discarded_packets_have_default_clock_snapshots(class) ||
		!snapshot_ns(port,
			bt_message_discarded_packets_borrow_beginning_default_clock_snapshot_const(
				message),
			&begin) ||
		!snapshot_ns(port,
			bt_message_discarded_packets_borrow_end_default_clock_snapshot_const(
				message),
			&end))
		begin = end = port->stream.now;
	if (bt_message_discarded_packets_get_count(message, &count) !=
		BT_PROPERTY_AVAILABILITY_AVAILABLE)
		count = 1;
	port->lost_packets += count;
	port->lost_begin = begin;
	port->lost_end = end;
	if (!port->has_packet_end)
		tell_lost(port, VALUE_ABSENT);
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

void port_read(struct port *port)
{
	char *fault = g_steal_pointer(&port->fault); /* after these messages, not in them */
	int64_t before = port->stream.now, end;
	bool seen;

	make_room(port, port->n_messages);
	seen = see_batch(port);
	end = port->stream.now;
	port->stream.now = before;
	for (uint64_t i = 0; i < port->n_messages; i++) {
		const bt_message *message = port->messages[i];

		if (!port->stream.ended && !port->fault && read_message(port, message, seen))
			g_ptr_array_add(port->kept, (gpointer)message);
		else
			bt_message_put_ref(message);
	}
	port->n_messages = 0;
	port->stream.now = MAX(port->stream.now, end);
	if (fault)
		port_fail(port, fault);
}

bool port_feed(struct port *port)
{
	char *reason;

	forget_records(port);
	if (port->fault)
		return false;
	for (int tries = 0;
		tries < 256 && !port->stream.ended && port->stream.n_records < RECORDS_AHEAD;
		tries++) {
		bt_message_iterator_next_status status = bt_message_iterator_next(
			port->iterator, &port->messages, &port->n_messages);

		if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_OK)
			port->n_messages = 0;
		/* The library may give what it had read before it met an error, or call it the end. */
		if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_AGAIN && (reason = bt2_reason()))
			port_fail(port, reason);
		if (port->fault && port->n_messages == 0)
			return false;
		if (status == BT_MESSAGE_ITERATOR_NEXT_STATUS_END) {
			port->stream.ended = true;
			if (port->past) {
				stream_cut(&port->stream);
				return true;
			}
			make_room(port, 1);
			tell_lost(port, INT64_MAX);
			stream_flush_gap(&port->stream, port->stream.now);
			stream_end(&port->stream);
			return true;
		}
		if (status == BT_MESSAGE_ITERATOR_NEXT_STATUS_AGAIN)
			return true;
		if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_OK)
			return false;
		if (!bt2_of(port->stream.source)->bound)
			return true;
		port_read(port);
	}
	return true;
}

void port_free(gpointer data)
{
	struct port *port = data;

	for (uint64_t i = 0; i < port->n_messages; i++)
		bt_message_put_ref(port->messages[i]);
	release_kept(port);
	g_ptr_array_unref(port->kept);
	bt_message_iterator_put_ref(port->iterator);
	stream_clear(&port->stream);
	g_free(port->fault);
	g_free(port);
}
