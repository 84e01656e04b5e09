/*
 * Conditions of requests at work: what lua/lib/requests.lua has compiled is read, and evaluated on an event
 * and on what is known of an open request. A condition is a list of tests that say which one is next if
 * they hold, and if not, until one of them decides, as in host/lua/expression.h; but values are
 * compared with each other here, wherever they come from.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PROGRAM_H
#define LTTNGA_PROGRAM_H

#include "host/requests/event_values.h"

#include <lua.h>

/* Where a value is. */
enum operand_space {
	OPERAND_EVENT,    /* a field of the event at hand */
	OPERAND_BEGIN,    /* what the request has kept when it began */
	OPERAND_PARENT,   /* what the request has kept that it is part of */
	OPERAND_CONSTANT, /* of the program */
	OPERAND_SPACES,
};

struct operand {
	enum operand_space space;
	unsigned int number;
};

/* What a condition is evaluated on. */
struct scene {
	struct event_values *event;
	const struct value *begin, *parent; /* NULL where there is nothing of the kind */
};

struct program;

/*
 * Reads the value on top of the stack, and leaves it there: nil, which always holds (the result is NULL), or
 *
 *     { entry = N, { kind = KIND, a = OPERAND, b = OPERAND, value = CONSTANT, yes = N, no = N }, ... }
 *
 * with numbers of tests before it in the list, 0 (it does not hold) or -1 (it does). An operand is
 * { "event" | "begin" | "parent", NUMBER from 1 }; instead of `b` there may be a constant. Kinds: "equal",
 * "below" (a < b), "within" (a <= b), "above" (a > b), "from" (a >= b), "glob" (a text, and a glob),
 * "there" (a has a value). Raises a Lua
 * error if it is something else.
 */
struct program *program_read(lua_State *L);
void program_free(struct program *program);

/* Reads the operand on top of the stack, and leaves it there; raises a Lua error if it is none. */
struct operand operand_read(lua_State *L);

/* Whether all values that it looks at are there: `counts` says how many, by enum operand_space. */
bool program_fits(const struct program *program, const unsigned int counts[]);

/* Whether a condition holds. */
bool program_holds(const struct program *program, const struct scene *scene);

/* The value of an operand, but for constants; valid as long as the scene. */
static inline const struct value *scene_value(const struct scene *scene, struct operand operand)
{
	if (operand.space == OPERAND_EVENT)
		return event_value(scene->event, operand.number);
	return operand.space == OPERAND_BEGIN ? &scene->begin[operand.number]
					      : &scene->parent[operand.number];
}

#endif
