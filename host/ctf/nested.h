/*
 * Fields inside of structures and variants: found by names like "network_header.saddr", and read while
 * what they are in is walked over. A name goes through structures by their members' names, and through
 * variants into whichever option is there; where that has no such field, the value is absent.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CTF_NESTED_H
#define LTTNGA_CTF_NESTED_H

#include "host/ctf/layout.h"
#include "host/source/field_name.h"

/* An integer, or an array of them, whose value goes into a slot. */
struct ctf_nested {
	const struct ctf_node *node;
	uint16_t to;
	struct elements elements;
};

/*
 * Adds to `found` (struct ctf_nested) what is called `name` inside of `node`, once for each option that
 * has it, with what else `nested` says; and marks the ways there. False if there is none.
 */
bool ctf_nested_find(struct ctf_node *node, struct field_name name, const struct ctf_nested *nested,
	GArray *found);

/*
 * Moves behind the field at the cursor, as ctf_skip(), and puts into `v` what is bound inside of it and
 * there.
 */
bool ctf_nested_read(
	const struct ctf_node *node, struct ctf_cursor *cursor, const GArray *nested, int64_t *v);

/*
 * The integer in a field that is an array: some of its elements as one number, the first one in its
 * highest bits, or all of its up to 8 bytes. VALUE_ABSENT if there is none. The cursor is at the field.
 */
int64_t ctf_array_integer(
	const struct ctf_node *node, const struct ctf_cursor *cursor, struct elements elements);

#endif
