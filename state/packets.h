/*
 * Packets on their way within the machine: over the loopback device, between containers, through a
 * bridge. The kernel hands on the same buffer (skbaddr) from who sends to who receives, so that it is
 * known who sent what is received.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PACKETS_H
#define LTTNGA_PACKETS_H

#include "state/address.h"
#include "state/pool.h"
#include "state/strpool.h"
#include "state/wire.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct image;
struct state;

/* What a packet's headers say; VALUE_ABSENT for what they lack. */
struct packet_header {
	struct address from, to; /* with ports, if the protocol has them */
	int64_t protocol;        /* number of the protocol within IP: 6 is TCP */
	int64_t seq, ack, flags; /* of TCP */
};

/* The numbers of protocols that are dealt with. */
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

/* Flags of TCP. */
#define TCP_SYN 2
#define TCP_PSH 8
#define TCP_ACK 16

/* The name of a protocol ("tcp"); NULL for one that is not known. */
const char *protocol_name(int64_t protocol);

/* Who sent something, and when (ns): a thread of this machine; VALUE_ABSENT and 0 if none did. */
struct sender {
	int64_t time;
	int64_t tid, pid, utid;
	strid comm;
};

/* A packet that was sent. */
struct packet {
	int64_t skb; /* address of the kernel's buffer */
	struct packet_header header;
	struct sender sender; /* with a reference to the name */
	struct remote remote; /* who has sent it on another machine: this one only passes it on */
	int64_t size;         /* bytes, as it was queued */
	uint32_t queued;      /* on how many devices it waits: one on top of another */
	bool looped;          /* a device of this machine has handed it back */
	uint32_t prev, next;  /* the one that was sent before, after; 0 for none */
};

/* Packets to remember at most: most are never seen again. */
#ifndef PACKETS_MAX /* fuzzers make many small models */
#define PACKETS_MAX 4096
#endif

struct packets {
	struct pool pool;
	GHashTable *by_skb;        /* skb -> number in the pool */
	uint32_t oldest, youngest; /* 0 for none */
	uint32_t alive;
	GArray *last; /* int64_t, by CPU: the buffer that was queued there last, 0 for none */
};

void packets_init(struct packets *packets);
void packets_clear(struct state *state);

/*
 * A packet is queued on a device, on this CPU; `sender` is who does that (its name stays the caller's). What
 * is only handed on, in no thread, keeps its sender. Returns the packet, valid until the next one is queued.
 */
const struct packet *packets_queue(struct state *state, int32_t cpu, int64_t skb, int64_t size,
	const struct packet_header *header, const struct sender *sender);

/*
 * A device takes a packet. Returns it, or NULL if it was not seen to be queued; `*whole` is false if
 * this is but a part of it, which has an address of its own: large ones are cut up.
 */
const struct packet *packets_transmit(
	struct state *state, int32_t cpu, int64_t skb, int64_t size, bool *whole);

/* A packet of another machine is received, which may be passed on: it is remembered who has sent it there. */
void packets_arrive(struct state *state, int64_t skb, const struct packet_header *header,
	const struct remote *remote);

/* A device of this machine hands a packet back. */
void packets_loop(struct state *state, int64_t skb, const struct packet_header *header);

/* A packet is received. Returns it as it was sent; NULL if it comes from elsewhere, or was not seen. */
const struct packet *packets_receive(
	struct state *state, int64_t skb, const struct packet_header *header);

void packets_image(struct image *image);

#endif
