/*
 * Addresses of relay daemons and of their sessions, as babeltrace2 writes them:
 * net://HOST[:PORT][/host/TARGET/SESSION]. With net4 or net6 only that version of IP is used.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_LIVE_URL_H
#define LTTNGA_LIVE_URL_H

#include <glib.h>
#include <stdbool.h>

/* Where lttng-relayd listens for viewers. */
#define LIVE_PORT 5344

struct live_url {
	char *host; /* of the relay: a name or an address, without brackets */
	unsigned int port;
	int family;   /* AF_UNSPEC, AF_INET or AF_INET6 */
	char *target; /* the name of the machine that is traced; NULL: the URL is only of a relay */
	char *session; /* NULL with it */
};

/*
 * Takes a URL apart; clear the result with live_url_clear(). False with `error`, whose message has the
 * text and what is wrong with it; then there is nothing to clear.
 */
bool live_url_parse(const char *text, struct live_url *url, GError **error);
void live_url_clear(struct live_url *url);

/* The URL of a session on that relay, to be freed. */
char *live_url_of(const struct live_url *relay, const char *target, const char *session);

#endif
