/*
 * The network: packets sent and received, by whom, and which descriptors turn out to be connections.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/call_files.h"
#include "state/model.h"

/* What the headers of the record at hand say; of IPv4 the address is in the first number. */
#define HEADER_OF(rec, event)                                                           \
	header_of((const int64_t[]){V(rec, event, version), V(rec, event, protocol),    \
		V(rec, event, nexthdr), V(rec, event, saddr), V(rec, event, saddr_low), \
		V(rec, event, daddr), V(rec, event, daddr_low), V(rec, event, sport),   \
		V(rec, event, dport), V(rec, event, seq), V(rec, event, ack),           \
		V(rec, event, flags)})

enum {
	VERSION_AT,
	PROTOCOL,
	NEXTHDR,
	SADDR,
	SADDR_LOW,
	DADDR,
	DADDR_LOW,
	SPORT,
	DPORT,
	SEQ,
	ACK,
	FLAGS
};

static struct address address_of(const int64_t *v, int address, int port)
{
	struct address result = {.port = v[port]};

	if (v[VERSION_AT] == 4)
		result = (struct address){4, 0, (uint64_t)v[address], v[port]};
	else if (v[VERSION_AT] == 6)
		result = (struct address){
			6, (uint64_t)v[address], (uint64_t)v[address + 1], v[port]};
	return result;
}

static struct packet_header header_of(const int64_t *v)
{
	return (struct packet_header){
		.from = address_of(v, SADDR, SPORT),
		.to = address_of(v, DADDR, DPORT),
		.protocol = v[PROTOCOL] != VALUE_ABSENT ? v[PROTOCOL] : v[NEXTHDR],
		.seq = v[SEQ],
		.ack = v[ACK],
		.flags = v[FLAGS],
	};
}

/* Whose doing it is that the record's CPU sends: a thread's, or nobody's (softirqs send, too). */
static struct sender sender_of(struct state *state, const struct record *rec)
{
	const struct thread *task = task_current(state, rec);
	struct context context = irq_context(state, rec, &task);
	bool thread = context.kind == CONTEXT_THREAD && task;

	context_drop(state->strings, &context);
	return (struct sender){
		.time = rec->time,
		.tid = thread ? thread_tid(task) : VALUE_ABSENT,
		.pid = thread ? thread_pid(task) : VALUE_ABSENT,
		.utid = thread ? thread_utid(task) : VALUE_ABSENT,
		.comm = thread ? thread_comm(task) : 0,
	};
}

/* A packet as net_tx and net_rx tell it, but for the time and the like. */
struct seen {
	const char *netif;
	int64_t size;
	const struct packet_header *header; /* NULL if it is not known */
	const struct address *own, *peer;   /* of it */
	const struct packet *sent;          /* NULL if it was not sent here, as far as is known */
	struct remote remote;               /* who has sent it on another machine */
	bool part;                          /* it is one of several that `sent` was cut into */
};

G_STATIC_ASSERT(sizeof(struct derived_net_tx) == sizeof(struct derived_net_rx));

/* Tells net_tx or net_rx, which have the same fields. */
static void tell_packet(struct state *state, const struct record *rec, const struct state_io *io,
	enum derived_kind kind, const struct seen *seen)
{
	static const struct packet_header nothing = {.from.port = VALUE_ABSENT,
		.to.port = VALUE_ABSENT,
		.protocol = VALUE_ABSENT,
		.seq = VALUE_ABSENT,
		.ack = VALUE_ABSENT,
		.flags = VALUE_ABSENT};
	static const struct sender nobody = {
		VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT, 0};
	const struct packet_header *header = seen->header ?: &nothing;
	const struct sender *sender = seen->sent ? &seen->sent->sender : &nobody;
	struct derived_net_tx packet = {
		COMMON_OF(state, rec, thread_current(state, rec)),
		.netif = strpool_intern(state->strings, seen->netif),
		.size = seen->size,
		.protocol = protocol_name(header->protocol),
		.sport = header->from.port,
		.dport = header->to.port,
		.seq = seen->part ? VALUE_ABSENT : header->seq,
		.ack = header->ack,
		.flags = header->flags,
		.sent = sender->time,
		.sender_tid = sender->tid,
		.sender_pid = sender->pid,
		.sender_utid = sender->utid,
		.sender_procname = sender->comm,
	};

	if (seen->header) {
		packet.peer = address_intern(state->strings, seen->peer);
		packet.address = address_intern(state->strings, seen->own);
	}
	io->emit(io->data, kind, &packet);
	strpool_unref(state->strings, packet.netif);
	strpool_unref(state->strings, packet.peer);
	strpool_unref(state->strings, packet.address);
}

/* A packet may be on its way to another machine. */
static void send_out(struct state *state, const struct packet *packet)
{
	struct remote origin = packet->remote;

	if (!state->config.wire)
		return;
	if (origin.machine == 0 && packet->sender.tid != VALUE_ABSENT)
		origin = (struct remote){
			state->config.machine, packet->sender.utid, packet->sender.time};
	wire_send(
		state->config.wire, state->config.machine, &packet->header, packet->size, &origin);
}

/* A packet is received that was not sent here: another machine may have. */
static struct remote receive_from_outside(
	struct state *state, int64_t skb, const struct packet_header *header, int64_t size)
{
	struct remote remote = {0};

	if (state->config.wire)
		remote = wire_receive(state->config.wire, state->config.machine, header, size);
	if (remote.machine > 0 && skb != VALUE_ABSENT)
		packets_arrive(state, skb, header, &remote);
	return remote;
}

void on_net_dev_queue(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct packet_header header = HEADER_OF(rec, net_dev_queue);
	struct sender sender;
	struct thread *thread;

	(void)io;
	if (V(rec, net_dev_queue, skb) == VALUE_ABSENT)
		return;
	sender = sender_of(state, rec);
	send_out(state, packets_queue(state, rec->cpu, V(rec, net_dev_queue, skb),
				V(rec, net_dev_queue, len), &header, &sender));
	thread = sender.tid != VALUE_ABSENT ? thread_current(state, rec) : NULL;
	if (thread)
		call_sends_packet(state, thread, &header);
	if (header.protocol != PROTOCOL_TCP)
		return;
	if ((header.flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
		sockets_answer(state, &header.from, &header.to);
	sockets_see_packet(state, &header.from, &header.to);
}

void on_net_dev_xmit(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_current(state, rec);
	struct seen seen = {.size = V(rec, net_dev_xmit, len)};
	bool whole;

	if (thread && state->config.wants & WANT_FILE_TYPES)
		call_sends(state, thread);
	if (state->config.wants & WANT_PACKETS)
		seen.sent = packets_transmit(
			state, rec->cpu, V(rec, net_dev_xmit, skb), seen.size, &whole);
	if (!emits(io, DERIVED_net_tx))
		return;
	seen.netif = record_string(io->get, rec, F_net_dev_xmit_name);
	if (seen.sent) {
		seen.header = &seen.sent->header;
		seen.own = &seen.header->from;
		seen.peer = &seen.header->to;
		seen.part = !whole;
	}
	tell_packet(state, rec, io, DERIVED_net_tx, &seen);
}

void on_net_if_rx(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct packet_header header = HEADER_OF(rec, net_if_rx);

	(void)io;
	packets_loop(state, V(rec, net_if_rx, skb), &header);
}

/* What waits for the packet will be woken next. */
static void note_arrival(struct state *state, const struct record *rec, const struct state_io *io,
	const struct seen *seen)
{
	strid netif = strpool_intern(
		state->strings, record_string(io->get, rec, F_net_if_receive_skb_name));
	strid peer = address_intern(state->strings, seen->peer);

	waits_packet(state, rec, netif, peer, seen->sent, &seen->remote);
	strpool_unref(state->strings, netif);
	strpool_unref(state->strings, peer);
}

void on_net_if_receive_skb(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct seen seen = {.size = V(rec, net_if_receive_skb, len)};
	struct packet_header header;
	int64_t skb;

	if (state->config.wants & WANT_PACKETS) {
		skb = V(rec, net_if_receive_skb, skb);
		header = HEADER_OF(rec, net_if_receive_skb);
		seen.header = &header;
		seen.own = &header.to;
		seen.peer = &header.from;
		seen.sent = packets_receive(state, skb, &header);
		seen.remote = seen.sent ? seen.sent->remote
					: receive_from_outside(state, skb, &header, seen.size);
		if (header.protocol == PROTOCOL_TCP)
			sockets_see_packet(state, &header.to, &header.from);
	}
	if (state->config.wants & WANT_CAUSE)
		note_arrival(state, rec, io, &seen);
	if (!emits(io, DERIVED_net_rx))
		return;
	seen.netif = record_string(io->get, rec, F_net_if_receive_skb_name);
	tell_packet(state, rec, io, DERIVED_net_rx, &seen);
}
