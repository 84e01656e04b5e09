/*
 * Which packets machines exchanged: each that one sent and another one received, found by its headers.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_EXCHANGED_H
#define LTTNGA_EXCHANGED_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A TCP packet that was seen on a machine. */
struct sighting {
	uint64_t from, to; /* addresses, see exchanged_address() */
	uint32_t ports;    /* both */
	uint32_t seq, ack;
	uint32_t flags;
	uint64_t buffer; /* it was in: the same packet on its way through devices of one machine */
	uint64_t device; /* a hash of its name */
	int64_t time;    /* ns */
	uint32_t machine;
	bool received;
};

/* A packet, when it was sent and received, each on the clock of the machine that did. */
struct exchange {
	uint32_t sender, receiver; /* machines */
	int64_t sent, received;    /* ns */
};

struct exchanged {
	GArray *sightings;  /* struct sighting */
	guint most;         /* sightings that are kept */
	unsigned int shift; /* only one of 2^shift packets is kept */
	uint64_t seen;
};

/*
 * Begins without packets; keeps at most so many sightings: where there are more, only those of some packets, the same
 * on all machines. Free what it holds with exchanged_clear().
 */
void exchanged_begin(struct exchanged *exchanged, guint most);
void exchanged_clear(struct exchanged *exchanged);

/* An address as one number: of IPv4 it is the address. */
uint64_t exchanged_address(uint64_t high, uint64_t low);

void exchanged_add(struct exchanged *exchanged, const struct sighting *sighting);

/*
 * The packets that were seen on two machines: GArray of struct exchange, the caller's. Left out is what may be
 * another packet: one that a machine sent or received twice, with the same headers. A packet that machines pass on has
 * come from the one that did not receive it, and goes to the one that did not send it.
 */
GArray *exchanged_match(struct exchanged *exchanged);

#endif
