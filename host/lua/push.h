/*
 * Values of C as Lua sees them: what is absent is nil, an error is nil and a message. And fields of
 * the table on top of the stack.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LTTNGA_PUSH_H
#define LTTNGA_PUSH_H

#include "state/record.h"

#include <glib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

/* Pushes an integer; nil for VALUE_ABSENT. */
static inline void push_integer(lua_State *L, int64_t value)
{
	if (value == VALUE_ABSENT)
		lua_pushnil(L);
	else
		lua_pushinteger(L, value);
}

/* Pushes a boolean that is kept as a number; nil for VALUE_ABSENT. */
static inline void push_boolean(lua_State *L, int64_t value)
{
	if (value == VALUE_ABSENT)
		lua_pushnil(L);
	else
		lua_pushboolean(L, value != 0);
}

/* Pushes the message of an error, which is freed. */
static inline void push_error(lua_State *L, GError *error)
{
	lua_pushstring(L, error->message);
	g_error_free(error);
}

/* What a function of Lua returns that has done what it was asked for: true. */
static inline int push_done(lua_State *L)
{
	lua_pushboolean(L, true);
	return 1;
}

/*
 * What a function of Lua returns that has failed: nil, and the message of an error, which is freed.
 */
static inline int push_failure(lua_State *L, GError *error)
{
	lua_pushnil(L);
	push_error(L, error);
	return 2;
}

/* Sets a field of the table on top of the stack; a text of NULL sets nothing. */
static inline void set_text(lua_State *L, const char *key, const char *value)
{
	lua_pushstring(L, value);
	lua_setfield(L, -2, key);
}

static inline void set_integer(lua_State *L, const char *key, lua_Integer value)
{
	lua_pushinteger(L, value);
	lua_setfield(L, -2, key);
}

static inline void set_boolean(lua_State *L, const char *key, bool value)
{
	lua_pushboolean(L, value);
	lua_setfield(L, -2, key);
}

#endif
