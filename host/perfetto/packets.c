/*
 * A trace as Perfetto reads it: packets with what is drawn on tracks, and with what threads and machines
 * are called.
 *
 * Texts that come again are told once, with a number (they are "interned"). What is kept of them is
 * bounded: when there are too many, all are forgotten, and the reader is told to do so, too.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/perfetto/packets.h"

#include "host/perfetto/fields.h"
#include "state/hash.h"
#include "state/record.h"

#include <glib.h>

/* Texts that have a number at once, of each kind, and bytes of all of them. */
#define INTERNED_MAX       65536
#define INTERNED_BYTES_MAX ((size_t)8 << 20)

/* Longer ones have none. */
#define INTERNED_LENGTH_MAX 1024

/* Clocks, as Perfetto numbers them. */
enum { CLOCK_OF_DAY = 1, CLOCK_OF_BOOT = 6 };

/* Kinds of texts that have numbers. */
enum interned { INTERNED_NAMES, INTERNED_ARGS, INTERNED_VALUES, INTERNED_KINDS };

/* The field of `struct InternedData` that tells of each kind. */
static const unsigned int interned_fields[INTERNED_KINDS] = {
	[INTERNED_NAMES] = INTERNED_EVENT_NAMES,
	[INTERNED_ARGS] = INTERNED_ARG_NAMES,
	[INTERNED_VALUES] = INTERNED_ARG_VALUES,
};

struct packets {
	struct sink *sink;
	unsigned int sequence, machine;
	struct proto packet;  /* the one that is being written */
	size_t begin;         /* where its message begins */
	struct proto payload; /* of an event, while it is not known which texts are new */
	struct proto news;    /* these */
	GHashTable *numbers[INTERNED_KINDS]; /* text -> number */
	GStringChunk *texts;
	size_t n_bytes; /* of them */
	bool forgotten; /* what the reader knows of texts is no longer so */
};

/* ---- Texts ---- */

const char *packets_utf8(const char *text, char **copy)
{
	*copy = NULL;
	if (!text || g_utf8_validate(text, -1, NULL))
		return text;
	*copy = g_utf8_make_valid(text, -1);
	return *copy;
}

static void put_text(struct proto *proto, unsigned int field, const char *text)
{
	char *copy;

	proto_text(proto, field, packets_utf8(text, &copy));
	g_free(copy);
}

/* The number of a text; 0 if it has none. A new one is told. */
static uint32_t number_of(struct packets *packets, enum interned kind, const char *text)
{
	GHashTable *numbers = packets->numbers[kind];
	uint32_t number = GPOINTER_TO_UINT(g_hash_table_lookup(numbers, text));
	size_t length, entry;
	char *kept;

	if (number)
		return number;
	length = strlen(text);
	if (length > INTERNED_LENGTH_MAX)
		return 0;
	number = g_hash_table_size(numbers) + 1;
	kept = g_string_chunk_insert_len(packets->texts, text, (gssize)length);
	packets->n_bytes += length;
	g_hash_table_insert(numbers, kept, GUINT_TO_POINTER(number));
	entry = proto_begin(&packets->news, interned_fields[kind]);
	proto_int(&packets->news, ENTRY_NUMBER, number);
	put_text(&packets->news, ENTRY_TEXT, text);
	proto_end(&packets->news, entry);
	return number;
}

static void forget_texts(struct packets *packets)
{
	for (int i = 0; i < INTERNED_KINDS; i++)
		g_hash_table_remove_all(packets->numbers[i]);
	g_string_chunk_clear(packets->texts);
	packets->n_bytes = 0;
	packets->forgotten = true;
}

static bool knows_too_many(const struct packets *packets)
{
	for (int i = 0; i < INTERNED_KINDS; i++)
		if (g_hash_table_size(packets->numbers[i]) >= INTERNED_MAX)
			return true;
	return packets->n_bytes >= INTERNED_BYTES_MAX;
}

/* Writes a text as its number, or, if it has none, as it is. */
static void put_interned(struct packets *packets, enum interned kind, bool once,
	unsigned int number_field, unsigned int text_field, const char *text)
{
	uint32_t number = once ? 0 : number_of(packets, kind, text);

	if (number)
		proto_int(&packets->payload, number_field, number);
	else
		put_text(&packets->payload, text_field, text);
}

/* ---- Packets ---- */

static struct proto *begin_packet(struct packets *packets, int64_t time)
{
	struct proto *packet = &packets->packet;

	packet->n = 0;
	packets->begin = proto_begin(packet, TRACE_PACKET);
	if (time != VALUE_ABSENT)
		proto_int(packet, PACKET_TIME, time);
	proto_int(packet, PACKET_SEQUENCE, packets->sequence);
	return packet;
}

struct proto *packets_begin(struct packets *packets)
{
	return begin_packet(packets, VALUE_ABSENT);
}

void packets_end(struct packets *packets)
{
	if (packets->machine)
		proto_int(&packets->packet, PACKET_MACHINE, packets->machine);
	proto_end(&packets->packet, packets->begin);
	sink_write(packets->sink, packets->packet.data, packets->packet.n);
}

static void put_clock(struct proto *packet, int64_t clock, int64_t time)
{
	size_t message = proto_begin(packet, CLOCKS_CLOCK);

	proto_int(packet, CLOCK_ID, clock);
	proto_int(packet, CLOCK_TIME, time);
	proto_end(packet, message);
}

/* All times are of the clock of the day, which is taken for the one of Perfetto's traces, that of the boot. */
static void write_clocks(struct packets *packets, int64_t begin)
{
	struct proto *packet = begin_packet(packets, VALUE_ABSENT);
	size_t message;

	proto_int(packet, PACKET_FLAGS, FLAG_CLEARED);
	message = proto_begin(packet, PACKET_CLOCKS);
	put_clock(packet, CLOCK_OF_BOOT, begin);
	put_clock(packet, CLOCK_OF_DAY, begin);
	proto_int(packet, CLOCKS_PRIMARY, CLOCK_OF_BOOT);
	proto_end(packet, message);
	packets_end(packets);
}

static void write_machine(struct packets *packets, const struct packets_machine *machine)
{
	struct proto *packet = begin_packet(packets, VALUE_ABSENT);
	size_t message = proto_begin(packet, PACKET_SYSTEM);
	size_t names = proto_begin(packet, SYSTEM_UTSNAME);

	put_text(packet, UTSNAME_SYSNAME, "Linux");
	if (machine->release)
		put_text(packet, UTSNAME_RELEASE, machine->release);
	if (machine->arch)
		put_text(packet, UTSNAME_MACHINE, machine->arch);
	proto_end(packet, names);
	if (machine->host)
		put_text(packet, SYSTEM_NAME, machine->host);
	proto_end(packet, message);
	packets_end(packets);
}

struct packets *packets_new(struct sink *sink, const struct packets_machine *machine)
{
	struct packets *packets = g_new0(struct packets, 1);

	packets->sink = sink;
	packets->machine = machine->number;
	packets->sequence = machine->number ? machine->number : 1;
	packets->texts = g_string_chunk_new(4096);
	for (int i = 0; i < INTERNED_KINDS; i++)
		packets->numbers[i] = g_hash_table_new(text_hash, g_str_equal);
	write_clocks(packets, machine->begin);
	write_machine(packets, machine);
	return packets;
}

void packets_free(struct packets *packets)
{
	if (!packets)
		return;
	for (int i = 0; i < INTERNED_KINDS; i++)
		g_hash_table_unref(packets->numbers[i]);
	g_string_chunk_free(packets->texts);
	g_free(packets->packet.data);
	g_free(packets->payload.data);
	g_free(packets->news.data);
	g_free(packets);
}

/* ---- Names ---- */

void packets_tree(struct packets *packets, int64_t time, const struct packets_process *processes,
	size_t n_processes, const struct packets_thread *threads, size_t n_threads)
{
	struct proto *packet = begin_packet(packets, time);
	size_t message = proto_begin(packet, PACKET_TREE), one;

	for (size_t i = 0; i < n_processes; i++) {
		one = proto_begin(packet, TREE_PROCESS);
		proto_int(packet, PROCESS_PID, processes[i].pid);
		if (processes[i].ppid != VALUE_ABSENT)
			proto_int(packet, PROCESS_PPID, processes[i].ppid);
		put_text(packet, PROCESS_CMDLINE, processes[i].name);
		proto_end(packet, one);
	}
	for (size_t i = 0; i < n_threads; i++) {
		one = proto_begin(packet, TREE_THREAD);
		proto_int(packet, THREAD_TID, threads[i].tid);
		put_text(packet, THREAD_NAME, threads[i].name);
		proto_int(packet, THREAD_TGID, threads[i].pid);
		proto_end(packet, one);
	}
	proto_end(packet, message);
	packets_end(packets);
}

/* ---- Tracks ---- */

static void put_counter(struct proto *packet, const struct packets_track *track)
{
	size_t message = proto_begin(packet, TRACK_COUNTER);

	if (track->unit != PACKETS_NO_UNIT)
		proto_int(packet, COUNTER_UNIT, track->unit);
	if (track->unit_name)
		put_text(packet, COUNTER_UNIT_NAME, track->unit_name);
	proto_end(packet, message);
}

static void put_thread(struct proto *packet, const struct packets_track *track)
{
	size_t message = proto_begin(packet, TRACK_THREAD);

	proto_int(packet, TRACK_THREAD_PID, track->pid);
	proto_int(packet, TRACK_THREAD_TID, track->tid);
	proto_end(packet, message);
}

void packets_track(struct packets *packets, const struct packets_track *track)
{
	struct proto *packet =
		begin_packet(packets, track->of_thread ? track->since : VALUE_ABSENT);
	size_t message = proto_begin(packet, PACKET_TRACK);

	proto_int(packet, TRACK_NUMBER, (int64_t)track->number);
	if (track->name)
		put_text(packet, TRACK_NAME, track->name);
	if (track->of_thread)
		put_thread(packet, track);
	if (track->parent)
		proto_int(packet, TRACK_PARENT, (int64_t)track->parent);
	if (track->is_counter)
		put_counter(packet, track);
	proto_end(packet, message);
	packets_end(packets);
}

/* ---- What is on them ---- */

static void put_arg(struct packets *packets, const struct packets_arg *arg)
{
	struct proto *payload = &packets->payload;
	size_t message = proto_begin(payload, EVENT_ARG);

	put_interned(packets, INTERNED_ARGS, arg->once, ARG_NAME_NUMBER, ARG_NAME, arg->name);
	if (arg->kind == PACKETS_TEXT)
		put_interned(
			packets, INTERNED_VALUES, arg->once, ARG_TEXT_NUMBER, ARG_TEXT, arg->text);
	else
		proto_int(payload, arg->kind == PACKETS_BOOL ? ARG_BOOL : ARG_INT, arg->number);
	proto_end(payload, message);
}

void packets_event(struct packets *packets, const struct packets_event *event)
{
	struct proto *packet, *payload = &packets->payload;
	int64_t flags = FLAG_NEEDED;

	if (knows_too_many(packets))
		forget_texts(packets);
	payload->n = packets->news.n = 0;
	proto_int(payload, EVENT_TYPE, event->type);
	proto_int(payload, EVENT_TRACK, (int64_t)event->track);
	if (event->name)
		put_interned(packets, INTERNED_NAMES, event->once, EVENT_NAME_NUMBER, EVENT_NAME,
			event->name);
	for (size_t i = 0; i < event->n_args; i++)
		put_arg(packets, &event->args[i]);
	if (event->type == PACKETS_VALUE)
		proto_int(payload, EVENT_VALUE, event->value);
	if (event->arrow_from)
		proto_fixed64(payload, EVENT_ARROW_FROM, event->arrow_from);
	if (event->arrow_to)
		proto_fixed64(payload, EVENT_ARROW_TO, event->arrow_to);

	packet = begin_packet(packets, event->time);
	if (packets->forgotten)
		flags |= FLAG_CLEARED;
	packets->forgotten = false;
	if (event->type != PACKETS_VALUE)
		proto_int(packet, PACKET_FLAGS, flags);
	if (packets->news.n > 0)
		proto_bytes(packet, PACKET_INTERNED, packets->news.data, packets->news.n);
	proto_bytes(packet, PACKET_EVENT, payload->data, payload->n);
	packets_end(packets);
}
