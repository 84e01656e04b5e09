/*
 * Sinks: objects made in C that take the fields of events directly, without a call of Lua. A hook
 * that is written as a `collect` of an analysis feeds them (host/collect.c).
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_SINK_H
#define LTTNGA_SINK_H

#include <lauxlib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum sink_kind { SINK_INT, SINK_BOOL, SINK_TEXT };

/* A field that an object will be fed with. */
struct sink_field {
	const char *name; /* lives as long as the object is fed */
	enum sink_kind kind;
	bool fixed; /* a text at an address that stays the same text for ever */
};

/* Its value in one event: a number (VALUE_ABSENT: there is none), or a text (NULL: none). */
union sink_value {
	int64_t number;
	const char *text;
};

struct sink_type {
	/*
	 * From now on the object at stack index `index` gets these fields of events. Returns what is
	 * wrong with that, or NULL.
	 */
	const char *(*attach)(
		lua_State *L, int index, const struct sink_field *fields, unsigned int n);
	/*
	 * Takes the fields of one event; `ref` is a reference to the object in the registry. Raises
	 * Lua errors, and leaves the stack as it was.
	 */
	void (*add)(lua_State *L, void *object, int ref, const union sink_value *values);
};

/* The field of a metatable that says that its userdata is a sink: a light userdata. */
#define SINK_FIELD "__sink"

/* Whether these are the fields that an object gets already. */
static inline bool sink_same_fields(
	const struct sink_field *a, unsigned int n_a, const struct sink_field *b, unsigned int n_b)
{
	for (unsigned int i = 0; n_a == n_b && i < n_a; i++)
		if (strcmp(a[i].name, b[i].name) != 0 || a[i].kind != b[i].kind ||
			a[i].fixed != b[i].fixed)
			return false;
	return n_a == n_b;
}

/* Marks the type whose metatable is on top of the stack. */
static inline void sink_mark(lua_State *L, const struct sink_type *type)
{
	lua_pushlightuserdata(L, (void *)type);
	lua_setfield(L, -2, SINK_FIELD);
}

/* What kind of sink is at a stack index; NULL if it is none. */
static inline const struct sink_type *sink_type_of(lua_State *L, int index)
{
	const struct sink_type *type = NULL;

	if (lua_type(L, index) == LUA_TUSERDATA && luaL_getmetafield(L, index, SINK_FIELD)) {
		type = lua_touserdata(L, -1);
		lua_pop(L, 1);
	}
	return type;
}

#endif
