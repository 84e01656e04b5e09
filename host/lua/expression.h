/*
 * Expressions at work: what lua/lib/expression.lua has compiled is read, and evaluated on events. They are
 * tests, each of one field (or two), that say which test is next if they hold, and if not, until one of
 * them decides: so `and`, `or` and `not` cost nothing, and what does not matter any more is not looked at.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_EXPRESSION_H
#define LTTNGA_EXPRESSION_H

#include "state/state.h"

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* An expression has no more fields. */
#define EXPRESSION_FIELDS_MAX 64

struct expression;

/* What a field is. A value of another type than a test takes is one that is absent. */
enum expression_kind {
	EXPRESSION_NONE,     /* the event has no such field */
	EXPRESSION_INTEGER,  /* int64_t, VALUE_ABSENT: absent; booleans are 0 and 1 */
	EXPRESSION_INTERNED, /* strid of the event's model */
	EXPRESSION_FIXED,    /* const char *, a text that stays at its address for ever; or NULL */
	EXPRESSION_TEXT,     /* const char *, any text; or NULL */
};

/* A field of an event: its value is so many bytes behind the begin of the event's values. */
struct expression_field {
	enum expression_kind kind;
	size_t offset;
};

/*
 * Reads the value on top of the stack, and leaves it there:
 *
 *     { fields = { NAME, ... }, entry = N, TEST, ... }
 *
 * A test is { kind = KIND, field = N, yes = N, no = N, ... }; `yes` and `no` are the numbers of tests
 * before it in the list, 0 (nothing passes) or -1 (it passes), and so is `entry`, where it begins. Kinds:
 *
 *     range   low, high   the integer is within these bounds
 *     among   integers    it is one of a list
 *     texts   globs       the text is what one of these globs stands for
 *     exact   globs       it is one of these texts
 *     absent              there is no value
 *     equal   other       the value of field `other` is the same; both are there
 *     below   other       it is less than that of field `other`; both are there
 *
 * There are EXPRESSION_FIELDS_MAX fields at most. Raises a Lua error if it is something else: what was read until then is in `expression`, which is the
 * caller's from expression_new() on.
 */
struct expression *expression_new(void);
void expression_read(lua_State *L, struct expression *expression);
void expression_free(struct expression *expression);

/* The fields that it looks at, by number. */
unsigned int expression_n_fields(const struct expression *expression);
const char *expression_field_name(const struct expression *expression, unsigned int i);

/* The field of a derived event, for expression_passes(); `field` may be NULL. */
struct expression_field expression_derived_field(const struct derived_field *field);

/* Whether an event passes: `fields` are those of the expression, `values` where their values begin. */
bool expression_passes(struct expression *expression, const struct expression_field *fields,
	const struct state *state, const void *values);

/* Whether there was any event to be tried. */
bool expression_was_tried(const struct expression *expression);

/*
 * If there were events, and none has passed: pushes a list of { test = number, values = { ... } }, one
 * for each test that none has fulfilled, with the values that were there instead (some thousand at most).
 * Else pushes nil.
 */
void expression_push_misses(lua_State *L, const struct expression *expression);

#endif
