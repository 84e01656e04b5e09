/*
 * Packets on their way within the machine.
 *
 * What is known of a packet is kept under the address of its buffer (skb), from when it is queued on a
 * device (net_dev_queue) until it is received (net_if_receive_skb), and further: it may be handed on to
 * another device, and keeps its sender then. Buffers are freed and used again all the time, and nothing
 * tells so. So what comes under an address is the packet that was sent if
 *   - its headers say that it is the same data, or
 *   - it has none that we know, but a device of this machine has handed it back (net_if_rx, which comes
 *     before the device is done with it: nothing else can have its address yet).
 * A packet from elsewhere never has headers of one that was sent: its two ends are the other way round.
 *
 * Packets are in a list by when they were sent; beyond PACKETS_MAX the oldest is forgotten.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/packets.h"

#include "state/hash.h"
#include "state/image.h"
#include "state/model.h"

const char *protocol_name(int64_t protocol)
{
	static const struct {
		int64_t number;
		const char *name;
	} names[] = {{1, "icmp"}, {2, "igmp"}, {PROTOCOL_TCP, "tcp"}, {PROTOCOL_UDP, "udp"},
		{47, "gre"}, {50, "esp"}, {58, "icmpv6"}, {132, "sctp"}};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (names[i].number == protocol)
			return names[i].name;
	return NULL;
}

void packets_init(struct packets *packets)
{
	pool_init(&packets->pool, sizeof(struct packet));
	packets->by_skb = g_hash_table_new(number_hash, g_int64_equal);
	packets->last = g_array_new(FALSE, TRUE, sizeof(int64_t));
}

void packets_clear(struct state *state)
{
	g_hash_table_destroy(state->packets.by_skb);
	g_array_free(state->packets.last, TRUE);
	pool_clear(&state->packets.pool);
}

static struct packet *packet_at(struct packets *packets, uint32_t index)
{
	return index ? pool_at(&packets->pool, index) : NULL;
}

static uint32_t find(struct packets *packets, int64_t skb)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(packets->by_skb, &skb));
}

/* Takes a packet out of the list. */
static void unlink_packet(struct packets *packets, const struct packet *packet)
{
	struct packet *prev = packet_at(packets, packet->prev);
	struct packet *next = packet_at(packets, packet->next);

	*(prev ? &prev->next : &packets->oldest) = packet->next;
	*(next ? &next->prev : &packets->youngest) = packet->prev;
}

/* Puts a packet at the end of the list. */
static void link_packet(struct packets *packets, uint32_t index)
{
	struct packet *packet = packet_at(packets, index);
	struct packet *last = packet_at(packets, packets->youngest);

	packet->prev = packets->youngest;
	packet->next = 0;
	*(last ? &last->next : &packets->oldest) = index;
	packets->youngest = index;
}

static void forget(struct state *state, uint32_t index)
{
	struct packets *packets = &state->packets;
	struct packet *packet = packet_at(packets, index);

	unlink_packet(packets, packet);
	g_hash_table_remove(packets->by_skb, &packet->skb);
	strpool_unref(state->strings, packet->sender.comm);
	pool_remove(&packets->pool, index);
	packets->alive--;
}

/* A new packet, the youngest one, under an address that no other one has. */
static struct packet *add(struct state *state, int64_t skb)
{
	struct packets *packets = &state->packets;
	struct packet *packet;
	uint32_t index;

	if (packets->alive == PACKETS_MAX)
		forget(state, packets->oldest);
	index = pool_add(&packets->pool);
	packet = packet_at(packets, index);
	packet->skb = skb;
	g_hash_table_insert(packets->by_skb, &packet->skb, GUINT_TO_POINTER(index));
	link_packet(packets, index);
	packets->alive++;
	return packet;
}

/*
 * Whether headers are those of the same data. One end may have been translated on the way (NAT), but the
 * numbers of TCP are left alone; without these both ends have to be the same.
 */
static bool same_data(const struct packet_header *one, const struct packet_header *other)
{
	bool from = address_is(&one->from, &other->from), to = address_is(&one->to, &other->to);

	return one->from.version != 0 && one->protocol == other->protocol &&
	       one->seq == other->seq && one->ack == other->ack && one->flags == other->flags &&
	       (one->protocol == PROTOCOL_TCP ? from || to : from && to);
}

/* Whether what comes under a packet's address is that packet. */
static bool is_same(const struct packet *packet, const struct packet_header *header)
{
	if (packet->header.from.version == 0 && header->from.version == 0)
		return packet->looped;
	return same_data(&packet->header, header);
}

/* The buffer that was queued last on a CPU; NULL for impossible ones. */
static int64_t *last_queued(struct packets *packets, int32_t cpu)
{
	if (cpu < 0 || cpu >= CPU_MAX)
		return NULL;
	if (packets->last->len <= (guint)cpu)
		g_array_set_size(packets->last, (guint)cpu + 1);
	return &g_array_index(packets->last, int64_t, cpu);
}

const struct packet *packets_queue(struct state *state, int32_t cpu, int64_t skb, int64_t size,
	const struct packet_header *header, const struct sender *sender)
{
	struct packets *packets = &state->packets;
	uint32_t index = find(packets, skb);
	struct packet *packet = packet_at(packets, index);
	int64_t *last = last_queued(packets, cpu);
	/* A thread that sends the same again is a sender, unless it is a device on top of another. */
	bool handed_on = packet && is_same(packet, header) &&
			 (packet->queued > 0 || sender->tid == VALUE_ABSENT);

	if (!handed_on) {
		if (packet)
			forget(state, index);
		packet = add(state, skb);
		packet->sender = *sender;
		strpool_ref(state->strings, sender->comm);
	}
	packet->header = *header;
	packet->size = size;
	packet->queued++;
	packet->looped = false;
	if (last)
		*last = skb;
	return packet;
}

const struct packet *packets_transmit(
	struct state *state, int32_t cpu, int64_t skb, int64_t size, bool *whole)
{
	struct packets *packets = &state->packets;
	struct packet *packet = packet_at(packets, find(packets, skb));
	const int64_t *last = last_queued(packets, cpu);

	*whole = true;
	if (packet && packet->queued > 0) {
		packet->queued--;
		return packet;
	}
	*whole = false;
	packet = last && *last ? packet_at(packets, find(packets, *last)) : NULL;
	return packet && packet->queued > 0 && packet->size > size ? packet : NULL;
}

void packets_arrive(struct state *state, int64_t skb, const struct packet_header *header,
	const struct remote *remote)
{
	struct packets *packets = &state->packets;
	uint32_t index = find(packets, skb);
	struct packet *packet;

	if (index)
		forget(state, index);
	packet = add(state, skb);
	packet->header = *header;
	packet->sender = (struct sender){VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT, 0};
	packet->remote = *remote;
}

void packets_loop(struct state *state, int64_t skb, const struct packet_header *header)
{
	struct packet *packet = packet_at(&state->packets, find(&state->packets, skb));

	if (packet && packet->queued > 0 &&
		(packet->header.from.version == 0 || same_data(&packet->header, header)))
		packet->looped = true;
}

const struct packet *packets_receive(
	struct state *state, int64_t skb, const struct packet_header *header)
{
	uint32_t index = find(&state->packets, skb);
	struct packet *packet = packet_at(&state->packets, index);

	if (!packet)
		return NULL;
	if (is_same(packet, header))
		return packet;
	forget(state, index);
	return NULL;
}

/* ---- Images ---- */

static void packet_image(struct image *image, struct packet *packet)
{
	struct codec *codec = image->codec;

	address_codec(codec, &packet->header.from);
	address_codec(codec, &packet->header.to);
	codec_i64(codec, &packet->header.protocol);
	codec_i64(codec, &packet->header.seq);
	codec_i64(codec, &packet->header.ack);
	codec_i64(codec, &packet->header.flags);
	codec_time(codec, &packet->sender.time);
	codec_i64(codec, &packet->sender.tid);
	codec_i64(codec, &packet->sender.pid);
	codec_i64(codec, &packet->sender.utid);
	image_string(image, &packet->sender.comm);
	remote_image(codec, &packet->remote);
	codec_i64(codec, &packet->size);
	codec_u32(codec, &packet->queued);
	codec_bool(codec, &packet->looped);
}

void packets_image(struct image *image)
{
	struct packets *packets = &image->state->packets;
	struct codec *codec = image->codec;
	uint32_t index = packets->oldest;
	uint32_t n = codec_count(codec, packets->alive, PACKETS_MAX);

	/* From the oldest to the youngest. */
	for (uint32_t i = 0; i < n && !codec->failed; i++) {
		struct packet *packet = packet_at(packets, index);
		int64_t skb = packet ? packet->skb : 0;

		codec_i64(codec, &skb);
		if (image_reads(image) && find(packets, skb)) {
			codec_fail(codec, "two packets have the same address");
			return;
		}
		if (image_reads(image))
			packet = add(image->state, skb);
		index = packet->next;
		packet_image(image, packet);
	}
	n = codec_count(codec, packets->last->len, CPU_MAX);
	g_array_set_size(packets->last, n);
	for (uint32_t i = 0; i < n; i++)
		codec_i64(codec, &g_array_index(packets->last, int64_t, i));
}
