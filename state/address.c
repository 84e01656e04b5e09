/*
 * Addresses of the other side of a connection, and their texts.
 *
 * SPDX-License-Identifier: MIT
 */
#include "state/address.h"

#include "state/codec.h"
#include "state/record.h"

#include <stdio.h>
#include <string.h>

#define GROUPS 8

struct address address_of_ipv4(const int64_t bytes[4], int64_t port)
{
	struct address address = {.version = 4, .port = port};

	for (int i = 0; i < 4; i++)
		address.low = address.low << 8 | (bytes[i] & 255);
	return address;
}

struct address address_of_ipv6(const int64_t groups[GROUPS], int64_t port)
{
	struct address address = {.version = 6, .port = port};

	for (int i = 0; i < GROUPS; i++) {
		uint64_t *half = i < GROUPS / 2 ? &address.high : &address.low;

		*half = *half << 16 | (groups[i] & UINT16_MAX);
	}
	return address;
}

struct address address_plain(const struct address *address)
{
	struct address plain = *address;

	if (plain.version == 6 && plain.high == 0 && plain.low >> 32 == UINT16_MAX) {
		plain.version = 4;
		plain.low &= UINT32_MAX;
	}
	return plain;
}

bool address_is(const struct address *one, const struct address *other)
{
	return one->version == other->version && one->high == other->high &&
	       one->low == other->low && one->port == other->port;
}

static unsigned int group_of(const struct address *address, int i)
{
	uint64_t half = i < GROUPS / 2 ? address->high : address->low;

	return half >> (48 - 16 * (i % (GROUPS / 2))) & UINT16_MAX;
}

static char *put_ipv4(const struct address *address, char *at)
{
	uint32_t all = (uint32_t)address->low;

	return at +
	       sprintf(at, "%u.%u.%u.%u", all >> 24, all >> 16 & 255, all >> 8 & 255, all & 255);
}

/* The longest run of zero groups, if two or more, is written "::". */
static char *put_ipv6(const struct address *address, char *at)
{
	int best = -1, length = 1;

	for (int i = 0, run = 0; i < GROUPS; i++) {
		run = group_of(address, i) == 0 ? run + 1 : 0;
		if (run > length) {
			length = run;
			best = i - run + 1;
		}
	}
	for (int i = 0; i < GROUPS; i++) {
		if (i == best) {
			at = stpcpy(at, "::");
			i += length - 1;
			continue;
		}
		if (i > 0 && i != best + length)
			*at++ = ':';
		at += sprintf(at, "%x", group_of(address, i));
	}
	return at;
}

const char *address_text(const struct address *address, char *out)
{
	struct address plain = address_plain(address);
	bool port = address->port != VALUE_ABSENT;
	char *at = out;

	if (plain.version == 4) {
		at = put_ipv4(&plain, at);
	} else if (plain.version == 6) {
		if (port)
			*at++ = '[';
		at = put_ipv6(&plain, at);
		if (port)
			*at++ = ']';
	} else {
		return NULL;
	}
	*at = '\0';
	if (port)
		sprintf(at, ":%u", (unsigned int)address->port & UINT16_MAX);
	return out;
}

strid address_intern(struct strpool *strings, const struct address *address)
{
	char text[ADDRESS_MAX];

	return strpool_intern(strings, address_text(address, text));
}

void address_codec(struct codec *codec, struct address *address)
{
	codec_u8(codec, &address->version);
	codec_i64(codec, &address->port);
	if (!address->version)
		return;
	codec_u64(codec, &address->high);
	codec_u64(codec, &address->low);
}
