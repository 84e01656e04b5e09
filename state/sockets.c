/*
 * Sockets: who is at the other end.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/sockets.h"

#include "state/hash.h"
#include "state/image.h"
#include "state/model.h"

/* Ports from here on are those that the kernel gives to clients. */
#define PORT_OF_CLIENTS 32768

static guint address_hash(gconstpointer key)
{
	const struct address *address = key;

	return hash_pair(hash_mix(address->high, address->low), (uint64_t)address->port);
}

static gboolean address_equal(gconstpointer one, gconstpointer other)
{
	return address_is(one, other);
}

void sockets_init(struct sockets *sockets)
{
	pool_init(&sockets->pool, sizeof(struct socket));
	sockets->by_number = g_hash_table_new(g_direct_hash, g_direct_equal);
	sockets->waiting = g_hash_table_new(address_hash, address_equal);
}

void sockets_clear(struct state *state)
{
	g_hash_table_destroy(state->sockets.waiting);
	g_hash_table_destroy(state->sockets.by_number);
	pool_clear(&state->sockets.pool);
}

static struct socket *socket_at(const struct sockets *sockets, uint32_t index)
{
	return index ? pool_at(&sockets->pool, index) : NULL;
}

static uint32_t index_of(const struct sockets *sockets, uint32_t number)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(sockets->by_number, GUINT_TO_POINTER(number)));
}

/* Takes a socket out of the list. */
static void unlink_socket(struct sockets *sockets, const struct socket *socket)
{
	struct socket *prev = socket_at(sockets, socket->prev);
	struct socket *next = socket_at(sockets, socket->next);

	*(prev ? &prev->next : &sockets->oldest) = socket->next;
	*(next ? &next->prev : &sockets->youngest) = socket->prev;
}

/* Puts a socket at the end of the list. */
static void link_socket(struct sockets *sockets, uint32_t index)
{
	struct socket *socket = socket_at(sockets, index);
	struct socket *last = socket_at(sockets, sockets->youngest);

	socket->prev = sockets->youngest;
	socket->next = 0;
	*(last ? &last->next : &sockets->oldest) = index;
	sockets->youngest = index;
}

/* The socket's own address is known, or does not matter any more. */
static void wait_end(struct sockets *sockets, struct socket *socket)
{
	if (socket->waits)
		g_hash_table_remove(sockets->waiting, &socket->peer);
	socket->waits = false;
}

/* The next packet from or to its peer shows its own address. */
static void wait_begin(struct sockets *sockets, uint32_t index)
{
	struct socket *socket = socket_at(sockets, index), *before;

	if (socket->role != SOCKET_SERVER || !socket->peer_text || socket->own.version)
		return;
	before = socket_at(
		sockets, GPOINTER_TO_UINT(g_hash_table_lookup(sockets->waiting, &socket->peer)));
	if (before)
		wait_end(sockets, before);
	socket->waits = true;
	g_hash_table_insert(sockets->waiting, &socket->peer, GUINT_TO_POINTER(index));
}

static void forget_oldest(struct state *state)
{
	struct sockets *sockets = &state->sockets;
	uint32_t index = sockets->oldest;
	struct socket *socket = socket_at(sockets, index);

	wait_end(sockets, socket);
	unlink_socket(sockets, socket);
	g_hash_table_remove(sockets->by_number, GUINT_TO_POINTER(socket->number));
	strpool_unref(state->strings, socket->peer_text);
	strpool_unref(state->strings, socket->own_text);
	pool_remove(&sockets->pool, index);
	sockets->alive--;
}

/* A new socket under a number that no other one has. */
static struct socket *add(struct state *state, uint32_t number)
{
	struct sockets *sockets = &state->sockets;
	struct socket *socket;
	uint32_t index;

	if (sockets->alive == SOCKETS_MAX)
		forget_oldest(state);
	index = pool_add(&sockets->pool);
	socket = socket_at(sockets, index);
	socket->number = number;
	g_hash_table_insert(sockets->by_number, GUINT_TO_POINTER(number), GUINT_TO_POINTER(index));
	link_socket(sockets, index);
	sockets->alive++;
	return socket;
}

uint32_t socket_new(struct state *state, int64_t opened, enum socket_role role)
{
	struct socket *socket;

	if (!(state->config.wants & WANT_PACKETS) || state->sockets.last == UINT32_MAX)
		return 0;
	socket = add(state, ++state->sockets.last);
	socket->role = role;
	socket->opened = opened;
	socket->peer.port = socket->own.port = VALUE_ABSENT;
	return socket->number;
}

struct socket *socket_find(struct state *state, uint32_t number)
{
	struct sockets *sockets = &state->sockets;
	uint32_t index = number ? index_of(sockets, number) : 0;
	struct socket *socket = socket_at(sockets, index);

	if (socket && index != sockets->youngest) {
		unlink_socket(sockets, socket);
		link_socket(sockets, index);
	}
	return socket;
}

const struct socket *socket_look(const struct state *state, uint32_t number)
{
	return socket_at(&state->sockets, number ? index_of(&state->sockets, number) : 0);
}

void sockets_answer(struct state *state, const struct address *own, const struct address *peer)
{
	struct sockets *sockets = &state->sockets;

	sockets->handshakes[sockets->n_handshakes++ % HANDSHAKES] = (struct handshake){*peer, *own};
}

/* The local address from which a peer was answered last; NULL if it was not. */
static const struct address *answered_on(const struct sockets *sockets, const struct address *peer)
{
	uint32_t n = MIN(sockets->n_handshakes, HANDSHAKES);

	for (uint32_t i = 1; i <= n; i++) {
		const struct handshake *one =
			&sockets->handshakes[(sockets->n_handshakes - i) % HANDSHAKES];

		if (address_is(&one->peer, peer))
			return &one->own;
	}
	return NULL;
}

void socket_set_peer(struct state *state, struct socket *socket, const struct address *peer)
{
	struct sockets *sockets = &state->sockets;
	const struct address *own;

	wait_end(sockets, socket);
	strpool_unref(state->strings, socket->peer_text);
	socket->peer = address_plain(peer);
	socket->peer_text = address_intern(state->strings, &socket->peer);
	own = socket->role == SOCKET_SERVER ? answered_on(sockets, &socket->peer) : NULL;
	/* The answer may belong to an earlier connection from there. */
	if (own && (socket->own.port == VALUE_ABSENT || socket->own.port == own->port))
		socket_set_own(state, socket, own);
	wait_begin(sockets, index_of(sockets, socket->number));
}

void socket_set_own(struct state *state, struct socket *socket, const struct address *own)
{
	uint32_t index = socket->listener ? index_of(&state->sockets, socket->listener) : 0;
	struct socket *listener = socket_at(&state->sockets, index);

	wait_end(&state->sockets, socket);
	strpool_unref(state->strings, socket->own_text);
	socket->own = *own;
	socket->own_text = address_intern(state->strings, own);
	/* The listening socket may accept connections to other addresses, too. */
	if (listener)
		listener->own.port = own->port;
}

void sockets_see_packet(struct state *state, const struct address *own, const struct address *peer)
{
	struct sockets *sockets = &state->sockets;
	uint32_t index;

	if (g_hash_table_size(sockets->waiting) == 0)
		return;
	index = GPOINTER_TO_UINT(g_hash_table_lookup(sockets->waiting, peer));
	if (index)
		socket_set_own(state, socket_at(sockets, index), own);
}

/* What this side is, as far as is known. */
static enum socket_role role_of(const struct socket *socket)
{
	int64_t own = socket->own.port, peer = socket->peer.port;

	if (socket->role != SOCKET_UNKNOWN || own == VALUE_ABSENT || peer == VALUE_ABSENT)
		return socket->role;
	/* Clients are given high ones, servers have chosen theirs. */
	if ((own < PORT_OF_CLIENTS) == (peer < PORT_OF_CLIENTS))
		return SOCKET_UNKNOWN;
	return own < peer ? SOCKET_SERVER : SOCKET_CLIENT;
}

const char *socket_side(const struct socket *socket)
{
	static const char *const names[SOCKET_ROLES] = {"unknown", "client", "server"};

	return names[role_of(socket)];
}

int64_t socket_port(const struct socket *socket)
{
	switch (role_of(socket)) {
	case SOCKET_CLIENT:
		return socket->peer.port;
	case SOCKET_SERVER:
		return socket->own.port;
	default:
		return VALUE_ABSENT;
	}
}

/* ---- Images ---- */

static void socket_image(struct image *image, struct socket *socket)
{
	struct codec *codec = image->codec;

	codec_u8(codec, &socket->role);
	codec_u8(codec, &socket->protocol);
	codec_time(codec, &socket->opened);
	address_codec(codec, &socket->peer);
	image_string(image, &socket->peer_text);
	address_codec(codec, &socket->own);
	image_string(image, &socket->own_text);
	codec_u32(codec, &socket->listener);
	codec_bool(codec, &socket->waits);
	if (socket->role >= SOCKET_ROLES)
		codec_fail(codec, "the role of a socket is unknown");
}

void sockets_image(struct image *image)
{
	struct sockets *sockets = &image->state->sockets;
	struct codec *codec = image->codec;
	uint32_t index = sockets->oldest;
	uint32_t n = codec_count(codec, sockets->alive, SOCKETS_MAX);

	codec_u32(codec, &sockets->last);
	codec_u32(codec, &sockets->n_handshakes);
	for (uint32_t i = 0; i < MIN(sockets->n_handshakes, HANDSHAKES); i++) {
		address_codec(codec, &sockets->handshakes[i].peer);
		address_codec(codec, &sockets->handshakes[i].own);
	}
	/* From the one that was not used for longest. */
	for (uint32_t i = 0; i < n && !codec->failed; i++) {
		struct socket *socket = socket_at(sockets, index);
		uint32_t number = socket ? socket->number : 0;

		codec_u32(codec, &number);
		if (image_reads(image) &&
			(!number || number > sockets->last || index_of(sockets, number))) {
			codec_fail(codec, "a socket number is invalid");
			return;
		}
		if (image_reads(image))
			socket = add(image->state, number);
		index = socket->next;
		socket_image(image, socket);
		if (image_reads(image) && socket->waits) {
			socket->waits = false;
			wait_begin(sockets, index_of(sockets, number));
		}
	}
}
