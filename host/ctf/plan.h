/*
 * How to get over the events of a class, and to the fields that are wanted, in as few instructions
 * as possible: what lies at a fixed distance is read in one run, after one check of the end.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_CTF_PLAN_H
#define LTTNGA_CTF_PLAN_H

#include "host/ctf/layout.h"
#include "host/source/field_name.h"

/* A bound field: where it is in the layout. */
struct ctf_slot {
	enum ctf_scope scope; /* CTF_N_SCOPES: the class has no such field */
	unsigned int member;
	struct elements elements; /* of an array */
	bool inside; /* it is not the member, but in it: see nested.h. Not for the getters */
	/* Bits from the begin of the event's first structure, or CTF_VARIABLE: then look for it. */
	uint64_t offset;
};

struct ctf_plan;

/*
 * Makes the plan for a layout. Notes in the slots what is known of their places. `nested`: what slots
 * bind inside of members, struct ctf_nested.
 */
struct ctf_plan *ctf_plan_new(const struct ctf_layout *layout, struct ctf_slot *slots,
	unsigned int n_slots, const GArray *nested);
void ctf_plan_free(struct ctf_plan *plan);

/* The bytes of every event, if that is all that a plan has to say, and -1 if not. */
int64_t ctf_plan_bytes(const struct ctf_plan *plan);

/* To what events are aligned, in bits, so that ctf_slot.offset holds. */
uint32_t ctf_plan_align(const struct ctf_plan *plan);

/*
 * Moves from the begin of an event's first structure behind its last one, and puts the integers of
 * its slots into `v`, VALUE_ABSENT for what has none; `v` may be NULL if there are no slots. False
 * if the event goes beyond the end or makes no sense.
 */
bool ctf_plan_run(const struct ctf_plan *plan, struct ctf_cursor *cursor, int64_t *v);

#endif
