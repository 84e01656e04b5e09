/*
 * Packets on their way between machines that are read together: who has sent what one of them receives. The models of
 * all of them share it. Only TCP is followed: nothing else tells two packets apart.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_WIRE_H
#define LTTNGA_WIRE_H

#include <stdint.h>

struct codec;
struct packet_header;
struct wire;

/* The thread of another machine that has sent something. */
struct remote {
	uint32_t machine; /* its number, from 1; 0: none, or it is not known */
	int64_t utid;
	int64_t time; /* when it sent that, ns */
};

/* Packets to remember at most. */
#ifndef WIRE_MAX /* fuzzers make many small models */
#define WIRE_MAX 65536
#endif

/* An empty one; free it with wire_free(). */
struct wire *wire_new(void);
void wire_free(struct wire *wire);

/* Forgets all packets. */
void wire_reset(struct wire *wire);

/*
 * A machine (from 1) sends a packet of so many bytes, its headers included. `origin` is on whose behalf: a thread's,
 * of that machine, or of one from which it only passes the packet on; with machine 0: nobody's.
 */
void wire_send(struct wire *wire, uint32_t machine, const struct packet_header *header,
	int64_t size, const struct remote *origin);

/*
 * A machine (from 1) receives a packet of so many bytes. Returns on whose behalf another one has sent it, or the
 * (first) part of what it was joined of, or the packet that it was cut from; with machine 0: nobody's, or that was
 * not seen.
 */
struct remote wire_receive(
	struct wire *wire, uint32_t machine, const struct packet_header *header, int64_t size);

/* How many packets (about) were received before they were sent, as far as their times tell. */
uint64_t wire_early(const struct wire *wire);

void remote_image(struct codec *codec, struct remote *remote);
void wire_image(struct codec *codec, struct wire *wire);

#endif
