/*
 * What accumulators are saved as: plain tables of Lua, of integers, texts and booleans, that survive JSON.
 * 128 bits are texts of decimal digits; what is absent is false; times or addresses of this run are not in
 * it. What is read back may be anything: all that makes no sense raises an error, and nothing is believed
 * of sizes that is not there.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SAVED_FORM_H
#define LTTNGA_SAVED_FORM_H

#include "host/accumulate/statistics.h"
#include "host/lua/collector.h"

#include <glib.h>
#include <lua.h>

/* Raises the error that what was saved makes no sense. */
int saved_fail(lua_State *L, const char *what);

/* The integer in a field of the table at a stack index, from `least` to `most`. */
int64_t saved_integer(lua_State *L, int index, const char *name, int64_t least, int64_t most);

/* Pushes the table in a field of the table at a stack index; returns how long its list is. */
lua_Integer saved_push_list(lua_State *L, int index, const char *name);

/* Pushes a number of 128 bits, as it is saved: what it is without its sign. */
void saved_push_wide(lua_State *L, unsigned_wide number, bool negative);

/* The number in a field of the table at a stack index, without its sign. */
unsigned_wide saved_wide(lua_State *L, int index, const char *name, bool *negative);

/* Sets the fields of the table on top of the stack that statistics are saved as. */
void saved_set_statistics(lua_State *L, const struct statistics *stats);

/*
 * Takes in what statistics in the table at a stack index were saved as, of `most` values at most; returns
 * of how many.
 */
int64_t saved_merge_statistics(lua_State *L, int index, struct statistics *stats, int64_t most);

/* Sets `fields` of the table on top of the stack: a list of { name, kind }. */
void saved_set_fields(lua_State *L, const GArray *fields);

/* Checks that `fields` of the table at a stack index are these; if these are none, they become these. */
void saved_merge_fields(lua_State *L, int index, GArray *fields, unsigned int most);

/* Pushes the value of a field, as it is saved. */
void saved_push_value(
	lua_State *L, const struct collected_field *field, const union collected_value *value);

/* The value of a field on top of the stack; a text is that of Lua. */
union collected_value saved_value(lua_State *L, const struct collected_field *field);

#endif
