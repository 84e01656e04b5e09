/*
 * Packets on their way between machines.
 *
 * Each is kept with those of its direction of its connection, in the order in which they were sent. What is received
 * is the packet with the same numbers, or else the one in which its first byte was: network cards cut large packets up,
 * and join small ones. Of several that are alike the first one is taken: it is sent again if that was lost. Data that
 * an interrupt sends was left there by the thread that sent last: the other end has made room for it only now.
 *
 * They come in about that order, so looking for one begins a few before the last that was found. All are in a ring;
 * beyond WIRE_MAX the oldest is forgotten.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/wire.h"

#include "state/codec.h"
#include "state/hash.h"
#include "state/packets.h"
#include "state/record.h"

#include <glib.h>
#include <string.h>

/* So many packets before the last one that was found may still come. */
#define LATE_MAX 64

/* Bytes of the header of Ethernet, which a packet that is received has lost; and those of IPv6 and TCP, with all options. */
#define ETHERNET_BYTES 14
#define HEADERS_MAX    (40 + 60)

/* A window of TCP has no more bytes by far: who goes back farther has begun another connection. */
#define BACK_MAX (1 << 26)

/* So many that were received, and not sent before, are remembered. */
#define STRANGE_MAX 256

/* So many are looked at, beside those before it, for one that is received, */
#define LOOK_MAX 1024

/* and none whose first byte is so many bytes behind that of it. */
#define AHEAD_MAX (1 << 17)

/* Packets from one end of a connection to the other; they have serial numbers. */
struct flow {
	struct address from, to;
	uint64_t front, back; /* of the first and the last one */
	uint64_t near;        /* where to begin looking */
	uint32_t end;         /* no byte from here on was sent */
	struct remote writer; /* the thread that sent last */
};

struct sent {
	struct flow *flow;
	uint64_t next; /* of the flow; undefined for its last one */
	uint32_t seq, ack, flags;
	uint32_t machine; /* that sent it */
	bool data;
	int64_t size;
	struct remote origin;
};

struct wire {
	struct sent *ring;    /* WIRE_MAX */
	uint64_t first, next; /* numbers of the oldest packet, and of the one that comes next */
	GHashTable *flows;    /* struct flow: itself */
	/* What was received last without having been sent, by its hash: that of a header is never 0. */
	uint64_t strange[STRANGE_MAX];
	uint64_t early; /* so many of these were sent later */
};

static guint flow_hash(gconstpointer data)
{
	const struct flow *flow = data;

	return hash_pair(hash_pair(flow->from.high ^ (uint64_t)flow->from.port, flow->from.low),
		hash_pair(flow->to.high ^ (uint64_t)flow->to.port, flow->to.low));
}

static gboolean flow_equal(gconstpointer a, gconstpointer b)
{
	const struct flow *one = a, *other = b;

	return address_is(&one->from, &other->from) && address_is(&one->to, &other->to);
}

struct wire *wire_new(void)
{
	struct wire *wire = g_new0(struct wire, 1);

	wire->ring = g_new0(struct sent, WIRE_MAX);
	wire->flows = g_hash_table_new_full(flow_hash, flow_equal, g_free, NULL);
	return wire;
}

void wire_free(struct wire *wire)
{
	if (!wire)
		return;
	g_hash_table_unref(wire->flows);
	g_free(wire->ring);
	g_free(wire);
}

void wire_reset(struct wire *wire)
{
	g_hash_table_remove_all(wire->flows);
	wire->first = wire->next = 0;
	memset(wire->strange, 0, sizeof(wire->strange));
	wire->early = 0;
}

uint64_t wire_early(const struct wire *wire)
{
	return wire->early;
}

static uint64_t header_hash(const struct packet_header *header)
{
	/* Without a seed: what is counted is to be the same in each run. */
	uint64_t hash = hash_mix(0, header->from.low ^ (uint64_t)header->from.port << 32);

	hash = hash_mix(hash, header->to.low ^ (uint64_t)header->to.port << 32);
	hash = hash_mix(hash, (uint64_t)header->seq << 32 | (uint32_t)header->ack);
	return hash_mix(hash, (uint64_t)header->flags) | 1;
}

/* Nobody has sent what is received. */
static void note_strange(struct wire *wire, const struct packet_header *header)
{
	uint64_t hash = header_hash(header);

	wire->strange[(hash >> 1) % STRANGE_MAX] = hash;
}

/* Counts what is sent and was received before. */
static void note_early(struct wire *wire, const struct packet_header *header)
{
	uint64_t hash = header_hash(header), *place = &wire->strange[(hash >> 1) % STRANGE_MAX];

	wire->early += *place == hash;
	*place = *place == hash ? 0 : *place;
}

static struct sent *sent_at(const struct wire *wire, uint64_t serial)
{
	return &wire->ring[serial % WIRE_MAX];
}

static struct flow *find_flow(const struct wire *wire, const struct packet_header *header)
{
	const struct flow key = {.from = header->from, .to = header->to};

	return g_hash_table_lookup(wire->flows, &key);
}

/* The oldest packet is the first of its flow. */
static void forget_oldest(struct wire *wire)
{
	const struct sent *oldest = sent_at(wire, wire->first);
	struct flow *flow = oldest->flow;

	if (flow->front == flow->back) {
		g_hash_table_remove(wire->flows, flow);
	} else {
		flow->near = flow->near == flow->front ? oldest->next : flow->near;
		flow->front = oldest->next;
	}
	wire->first++;
}

/* Puts a packet behind those of its flow. */
static struct sent *add(struct wire *wire, const struct packet_header *header)
{
	struct flow *flow;
	struct sent *sent;

	if (wire->next - wire->first == WIRE_MAX)
		forget_oldest(wire);
	flow = find_flow(wire, header);
	if (flow) {
		sent_at(wire, flow->back)->next = wire->next;
	} else {
		flow = g_new0(struct flow, 1);
		flow->from = header->from;
		flow->to = header->to;
		flow->front = flow->near = wire->next;
		g_hash_table_add(wire->flows, flow);
	}
	flow->back = wire->next;
	sent = sent_at(wire, wire->next++);
	*sent = (struct sent){.flow = flow};
	return sent;
}

/* Whether it is told apart from others, and can be meant for another machine. */
static bool is_followed(const struct packet_header *header)
{
	return header->protocol == PROTOCOL_TCP && header->from.version != 0 &&
	       header->seq != VALUE_ABSENT &&
	       (header->from.high != header->to.high || header->from.low != header->to.low);
}

/* Whether a packet of so many bytes, without the header of Ethernet, has data: it says so, or headers are never that large. */
static bool has_data(const struct packet_header *header, int64_t size)
{
	return (header->flags & TCP_PSH) || size > HEADERS_MAX;
}

/* Whether a sequence number comes after another one; they are a circle. */
static bool is_after(uint32_t seq, uint32_t other)
{
	return (int32_t)(seq - other) > 0;
}

/* A packet begins a connection between ends that may have had another one before. */
static bool begins_anew(const struct flow *flow, const struct packet_header *header)
{
	return (header->flags & TCP_SYN) || flow->front == flow->back ||
	       is_after(flow->end, (uint32_t)header->seq + BACK_MAX);
}

void wire_send(struct wire *wire, uint32_t machine, const struct packet_header *header,
	int64_t size, const struct remote *origin)
{
	uint32_t end = (uint32_t)header->seq + (uint32_t)size;
	struct sent *sent;
	struct flow *flow;

	if (!is_followed(header))
		return;
	note_early(wire, header);
	sent = add(wire, header);
	flow = sent->flow;
	if (begins_anew(flow, header)) {
		flow->near = flow->back;
		flow->end = end;
		flow->writer = (struct remote){0};
	}
	if (is_after(end, flow->end))
		flow->end = end;
	sent->seq = (uint32_t)header->seq;
	sent->ack = (uint32_t)header->ack;
	sent->flags = (uint32_t)header->flags;
	sent->machine = machine;
	sent->data = has_data(header, size - ETHERNET_BYTES);
	sent->size = size;
	sent->origin = *origin;
	if (origin->machine > 0)
		flow->writer = *origin;
	else if (sent->data)
		sent->origin = flow->writer;
}

/* What is received: its headers, and whether it has data. */
struct sought {
	uint32_t machine; /* that receives it */
	uint32_t seq, ack, flags;
	bool data;
};

/* Data can have the same numbers as the acknowledgement before it. */
static bool is_it(const struct sent *sent, const struct sought *sought)
{
	return sent->seq == sought->seq && sent->ack == sought->ack &&
	       sent->flags == sought->flags && sent->data == sought->data;
}

/* Whether a packet is more likely to have a byte than the best one so far: that is nearer, or larger. */
static bool is_better(const struct sent *sent, const struct sent *best, const struct sought *sought)
{
	uint32_t far = sought->seq - sent->seq;

	if (!sought->data || !sent->data || (int64_t)far >= sent->size)
		return false;
	if (!best || far != sought->seq - best->seq)
		return !best || far < sought->seq - best->seq;
	return sent->size > best->size;
}

/* Whether a packet is one of those before what is sought. */
static bool is_before(const struct sent *sent, const struct sought *sought)
{
	return is_after(sought->seq, sent->seq) ||
	       (sent->seq == sought->seq && is_after(sought->ack, sent->ack));
}

/* Looks for a packet in a flow; NULL if it is not there. What was sent before it, and was not received, is passed over. */
static const struct sent *look_for(
	const struct wire *wire, struct flow *flow, const struct sought *sought)
{
	const struct sent *best = NULL, *sent;
	uint64_t serial = flow->near, trail = serial, near = serial;
	unsigned int looked = 0;

	for (unsigned int i = 0; looked < LOOK_MAX; i++, serial = sent->next) {
		bool other, same;

		sent = sent_at(wire, serial);
		other = sent->machine != sought->machine;
		same = other && is_it(sent, sought);
		if (same || (other && is_better(sent, best, sought))) {
			best = sent;
			near = trail;
		}
		if (same || serial == flow->back || is_after(sent->seq, sought->seq + AHEAD_MAX))
			break;
		if (!is_before(sent, sought))
			looked++;
		else if (!best)
			near = trail;
		trail = i < LATE_MAX ? trail : sent_at(wire, trail)->next;
	}
	flow->near = near;
	return best;
}

struct remote wire_receive(
	struct wire *wire, uint32_t machine, const struct packet_header *header, int64_t size)
{
	struct sought sought = {machine, (uint32_t)header->seq, (uint32_t)header->ack,
		(uint32_t)header->flags, has_data(header, size)};
	const struct sent *sent = NULL;
	struct flow *flow;

	if (!is_followed(header))
		return (struct remote){0};
	flow = find_flow(wire, header);
	if (flow && !is_after(sought.seq, flow->end))
		sent = look_for(wire, flow, &sought);
	if (sent)
		return sent->origin;
	note_strange(wire, header);
	return (struct remote){0};
}

/* ---- Images ---- */

void remote_image(struct codec *codec, struct remote *remote)
{
	codec_u32(codec, &remote->machine);
	if (remote->machine == 0)
		return;
	codec_i64(codec, &remote->utid);
	codec_time(codec, &remote->time);
}

static void sent_image(struct codec *codec, struct sent *sent, bool *near)
{
	codec_u32(codec, &sent->seq);
	codec_u32(codec, &sent->ack);
	codec_u32(codec, &sent->flags);
	codec_u32(codec, &sent->machine);
	codec_bool(codec, &sent->data);
	codec_i64(codec, &sent->size);
	remote_image(codec, &sent->origin);
	codec_bool(codec, near);
}

void wire_image(struct codec *codec, struct wire *wire)
{
	uint32_t n = codec_count(codec, (uint32_t)(wire->next - wire->first), WIRE_MAX);

	if (codec_reads(codec))
		wire_reset(wire);
	for (uint32_t i = 0; i < n && !codec->failed; i++) {
		uint64_t serial = wire->first + i;
		struct sent *sent = codec_reads(codec) ? NULL : sent_at(wire, serial);
		struct packet_header header = {.protocol = PROTOCOL_TCP};
		bool near = sent && sent->flow->near == serial;

		if (sent) {
			header.from = sent->flow->from;
			header.to = sent->flow->to;
		}
		address_codec(codec, &header.from);
		address_codec(codec, &header.to);
		if (!sent)
			sent = add(wire, &header);
		sent_image(codec, sent, &near);
		if (!near)
			continue;
		sent->flow->near = serial;
		remote_image(codec, &sent->flow->writer);
		codec_u32(codec, &sent->flow->end);
	}
}
