/*
 * The network: packets sent and received, and which descriptors turn out to be connections.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/call_files.h"
#include "state/model.h"

/* Tells net_tx or net_rx, which have the same fields. */
static void tell_packet(struct state *state, const struct record *rec, const struct state_io *io,
	enum derived_kind kind, const char *name, int64_t len)
{
	struct derived_net_tx packet = {
		COMMON_OF(state, rec, thread_current(state, rec)),
		.netif = strpool_intern(state->strings, name),
		.size = len,
	};

	G_STATIC_ASSERT(sizeof(struct derived_net_tx) == sizeof(struct derived_net_rx));
	io->emit(io->data, kind, &packet);
	strpool_unref(state->strings, packet.netif);
}

void on_net_dev_xmit(struct state *state, const struct record *rec, const struct state_io *io)
{
	struct thread *thread = thread_current(state, rec);

	if (thread && state->config.wants & WANT_FILE_TYPES)
		call_sends(state, thread);
	if (emits(io, DERIVED_net_tx))
		tell_packet(state, rec, io, DERIVED_net_tx,
			record_string(io->get, rec, F_net_dev_xmit_name),
			V(rec, net_dev_xmit, len));
}

void on_net_if_receive_skb(struct state *state, const struct record *rec, const struct state_io *io)
{
	if (emits(io, DERIVED_net_rx))
		tell_packet(state, rec, io, DERIVED_net_rx,
			record_string(io->get, rec, F_net_if_receive_skb_name),
			V(rec, net_if_receive_skb, len));
}
