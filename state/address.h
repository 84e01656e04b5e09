/*
 * Addresses of the other side of a connection, and their texts: "192.0.2.1:80", "[2001:db8::1]:80".
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_ADDRESS_H
#define LTTNGA_ADDRESS_H

#include "state/strpool.h"

#include <stdbool.h>
#include <stdint.h>

/* All zero: not known. */
struct address {
	uint8_t version;    /* of the Internet Protocol: 4 or 6; 0: not known */
	uint64_t high, low; /* of IPv4 the lowest 32 bits of `low` */
	int64_t port;       /* VALUE_ABSENT if it has none */
};

/* The address that socket calls tell: the bytes of an IPv4 one, the 16-bit groups of an IPv6 one. */
struct address address_of_ipv4(const int64_t bytes[4], int64_t port);
struct address address_of_ipv6(const int64_t groups[8], int64_t port);

/* IPv4 addresses within IPv6 (::ffff:192.0.2.1) as such; others as they are. */
struct address address_plain(const struct address *address);

/* Whether two are the same, with their ports. */
bool address_is(const struct address *one, const struct address *other);

/* Room for "[8 groups of 4 digits]:65535". */
#define ADDRESS_MAX 64

/*
 * Writes an address to `out` (ADDRESS_MAX), and returns that: without a port, if it has none, and the
 * brackets of IPv6 then; an IPv4 address in IPv6 (::ffff:127.0.0.1) as what it is. NULL if it is not known.
 */
const char *address_text(const struct address *address, char *out);

/* The same as an interned text, 0 if it is not known. */
strid address_intern(struct strpool *strings, const struct address *address);

/* An address that is written, or read. */
struct codec;
void address_codec(struct codec *codec, struct address *address);

#endif
