/*
 * Sockets: which side has connected, and of those of the Internet Protocol who is at the other end, and on
 * which port who serves. Of local ones only those count that are connected or accepted. All descriptors of
 * a socket (dup, fork) name it by a number of ours, which is never used again.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SOCKETS_H
#define LTTNGA_SOCKETS_H

#include "state/address.h"
#include "state/pool.h"
#include "state/strpool.h"

#include <glib.h>
#include <stdint.h>

struct image;
struct state;

/* Who has asked for a connection. */
enum socket_role {
	SOCKET_UNKNOWN,
	SOCKET_CLIENT, /* this side */
	SOCKET_SERVER, /* the other one: this side has accepted it */
	SOCKET_ROLES,
};

struct socket {
	uint32_t number;
	uint8_t role;     /* enum socket_role */
	uint8_t protocol; /* number of the protocol within IP; 0 if it is not known */
	int64_t opened;   /* when it was made or accepted, ns; VALUE_ABSENT if that was not seen */
	struct address peer; /* the other side, as told by who knows it first */
	strid peer_text;     /* as a text; 0 if it is not known */
	struct address
		own;    /* this side: of version 0 if that is not known, though its port may be */
	strid own_text; /* as a text; 0 if it is not known */
	uint32_t listener;   /* number of the socket that it was accepted on; 0 for none */
	bool waits;          /* in `waiting` */
	uint32_t prev, next; /* in the pool: the one used before, after; 0 for none */
};

/* Sockets to remember: beyond that, the one that was not used for longest is forgotten. */
#ifndef SOCKETS_MAX /* fuzzers make many small models */
#define SOCKETS_MAX 16384
#endif

/* Connections that this machine has answered last, which somebody will accept. */
#define HANDSHAKES 256

struct handshake {
	struct address peer, own;
};

struct sockets {
	struct pool pool;
	GHashTable *by_number; /* number -> number in the pool */
	GHashTable
		*waiting; /* peer -> the same, of those accepted whose own address is not known */
	uint32_t oldest, youngest;
	uint32_t alive;
	uint32_t last; /* the last number that was given */
	struct handshake handshakes[HANDSHAKES];
	uint32_t n_handshakes; /* so far: the last ones are there */
};

void sockets_init(struct sockets *sockets);
void sockets_clear(struct state *state);

/* A new socket; `opened` VALUE_ABSENT: it has been there. Returns its number, or 0 if nobody wants them. */
uint32_t socket_new(struct state *state, int64_t opened, enum socket_role role);

/* The socket of this number, valid until the next one is made; NULL for 0, and if it is forgotten. */
struct socket *socket_find(struct state *state, uint32_t number);

/* The same, for a look: it does not count as used. */
const struct socket *socket_look(const struct state *state, uint32_t number);

/* Its other side is known. */
void socket_set_peer(struct state *state, struct socket *socket, const struct address *peer);

/* This machine answers a client (SYN, ACK): once that is accepted, the local address is known. */
void sockets_answer(struct state *state, const struct address *own, const struct address *peer);

/* A packet shows the local address of a socket that has this peer and did not know it. */
void sockets_see_packet(struct state *state, const struct address *own, const struct address *peer);

/* Sets a socket's local address, and thereby the port of the socket that accepted it. */
void socket_set_own(struct state *state, struct socket *socket, const struct address *own);

/*
 * What this side is: "client", "server" or "unknown". If it has not been seen to connect or accept, the ports
 * tell, if only one of them is of those that clients are given.
 */
const char *socket_side(const struct socket *socket);

/* The port of who serves; VALUE_ABSENT if it is not known. */
int64_t socket_port(const struct socket *socket);

void sockets_image(struct image *image);

#endif
