/*
 * Values of Lua as bytes.
 *
 * A byte says what follows: an integer in groups of 7 bits, the sign folded into the lowest; 8 bytes of a float;
 * a string behind its length; a table behind how long its list is, and how many other fields it has, which are
 * keys and values in turn.
 *
 * SPDX-License-Identifier: MIT
 */
#include "host/lua/packed_value.h"

#include <glib.h>
#include <lauxlib.h>
#include <string.h>

enum {
	PACKED_NIL,
	PACKED_FALSE,
	PACKED_TRUE,
	PACKED_INTEGER,
	PACKED_FLOAT,
	PACKED_STRING,
	PACKED_TABLE
};

/* How deep tables are in each other at most. */
#define DEPTH_MAX 64

/* Bytes of an integer at most. */
#define INTEGER_MAX 10

static void put(GByteArray *to, uint8_t byte)
{
	g_byte_array_append(to, &byte, 1);
}

void packed_put_number(GByteArray *to, uint64_t number)
{
	uint8_t bytes[INTEGER_MAX];
	guint n = 0;

	for (; number > 0x7f; number >>= 7)
		bytes[n++] = (uint8_t)(number | 0x80);
	bytes[n++] = (uint8_t)number;
	g_byte_array_append(to, bytes, n);
}

static const char *put_value(lua_State *L, GByteArray *to, int depth);

/* Puts the table on top of the stack; returns what is wrong with it, or NULL. */
static const char *put_table(lua_State *L, GByteArray *to, int depth)
{
	lua_Integer n = (lua_Integer)lua_rawlen(L, -1), others = 0;
	const char *fault = NULL;

	if (depth >= DEPTH_MAX || !lua_checkstack(L, LUA_MINSTACK))
		return "tables are too deep";
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
		others += !lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1 ||
			  lua_tointeger(L, -2) > n;
	packed_put_number(to, (uint64_t)n);
	packed_put_number(to, (uint64_t)others);
	for (lua_Integer i = 1; i <= n && !fault; i++) {
		lua_rawgeti(L, -1, i);
		fault = put_value(L, to, depth + 1);
		lua_pop(L, 1);
	}
	for (lua_pushnil(L); !fault && lua_next(L, -2); lua_pop(L, 1)) {
		if (lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 && lua_tointeger(L, -2) <= n)
			continue;
		lua_pushvalue(L, -2);
		fault = put_value(L, to, depth + 1);
		lua_pop(L, 1);
		if (!fault)
			fault = put_value(L, to, depth + 1);
	}
	return fault;
}

/* Puts the value on top of the stack; returns what is wrong with it, or NULL. */
static const char *put_value(lua_State *L, GByteArray *to, int depth)
{
	int64_t number;
	double real;
	size_t length;
	const char *text;

	switch (lua_type(L, -1)) {
	case LUA_TNIL:
		put(to, PACKED_NIL);
		return NULL;
	case LUA_TBOOLEAN:
		put(to, lua_toboolean(L, -1) ? PACKED_TRUE : PACKED_FALSE);
		return NULL;
	case LUA_TNUMBER:
		if (lua_isinteger(L, -1)) {
			number = lua_tointeger(L, -1);
			put(to, PACKED_INTEGER);
			packed_put_number(to, (uint64_t)number << 1 ^ (uint64_t)(number >> 63));
			return NULL;
		}
		real = lua_tonumber(L, -1);
		put(to, PACKED_FLOAT);
		g_byte_array_append(to, (const uint8_t *)&real, sizeof(real));
		return NULL;
	case LUA_TSTRING:
		text = lua_tolstring(L, -1, &length);
		if (length > G_MAXUINT / 2 || to->len > G_MAXUINT / 2)
			return "it is too large";
		put(to, PACKED_STRING);
		packed_put_number(to, length);
		g_byte_array_append(to, (const uint8_t *)text, (guint)length);
		return NULL;
	case LUA_TTABLE:
		put(to, PACKED_TABLE);
		return to->len > G_MAXUINT / 2 ? "it is too large" : put_table(L, to, depth);
	default:
		return lua_typename(L, lua_type(L, -1));
	}
}

const char *packed_put_value(lua_State *L, GByteArray *to)
{
	return put_value(L, to, 0);
}

int packed_value_pack(lua_State *L)
{
	GByteArray *to = g_byte_array_new();
	const char *fault;

	lua_settop(L, 1);
	fault = put_value(L, to, 0);
	/* Memory may run out here: then these bytes are lost, and the program ends anyway. */
	if (!fault)
		lua_pushlstring(L, (const char *)to->data, to->len);
	g_byte_array_unref(to);
	return fault ? luaL_error(L, "can't be saved: %s", fault) : 1;
}

static int fail(lua_State *L)
{
	return luaL_error(L, "saved data is damaged");
}

uint64_t packed_get_number(lua_State *L, struct packed_bytes *from)
{
	uint64_t number = 0;

	for (unsigned int shift = 0; shift < 64; shift += 7) {
		uint8_t byte;

		if (from->at == from->end)
			fail(L);
		byte = *from->at++;
		number |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return number;
	}
	fail(L);
	return 0;
}

static size_t get_length(lua_State *L, struct packed_bytes *from)
{
	uint64_t n = packed_get_number(L, from);

	/* Each item takes a byte. */
	if (n > (uint64_t)(from->end - from->at))
		fail(L);
	return (size_t)n;
}

/* Pushes the next value. */
static void get_value(lua_State *L, struct packed_bytes *from, int depth)
{
	uint64_t number;
	double real;
	size_t n, others;

	if (from->at == from->end || depth > DEPTH_MAX || !lua_checkstack(L, LUA_MINSTACK))
		fail(L);
	switch (*from->at++) {
	case PACKED_NIL:
		lua_pushnil(L);
		break;
	case PACKED_FALSE:
		lua_pushboolean(L, 0);
		break;
	case PACKED_TRUE:
		lua_pushboolean(L, 1);
		break;
	case PACKED_INTEGER:
		number = packed_get_number(L, from);
		lua_pushinteger(L, (lua_Integer)(number >> 1 ^ -(number & 1)));
		break;
	case PACKED_FLOAT:
		if ((size_t)(from->end - from->at) < sizeof(real))
			fail(L);
		memcpy(&real, from->at, sizeof(real));
		from->at += sizeof(real);
		lua_pushnumber(L, real);
		break;
	case PACKED_STRING:
		n = get_length(L, from);
		lua_pushlstring(L, (const char *)from->at, n);
		from->at += n;
		break;
	case PACKED_TABLE:
		n = get_length(L, from);
		others = get_length(L, from);
		lua_createtable(L, (int)MIN(n, INT32_MAX), (int)MIN(others, INT32_MAX));
		for (size_t i = 1; i <= n; i++) {
			get_value(L, from, depth + 1);
			lua_rawseti(L, -2, (lua_Integer)i);
		}
		for (; others > 0; others--) {
			get_value(L, from, depth + 1);
			get_value(L, from, depth + 1);
			if (lua_isnil(L, -2) ||
				(lua_type(L, -2) == LUA_TNUMBER && !lua_isinteger(L, -2)))
				fail(L);
			lua_rawset(L, -3);
		}
		break;
	default:
		fail(L);
	}
}

void packed_get_value(lua_State *L, struct packed_bytes *from)
{
	get_value(L, from, 0);
}

int packed_value_unpack(lua_State *L)
{
	struct packed_bytes from;
	size_t length;

	from.at = (const uint8_t *)luaL_checklstring(L, 1, &length);
	from.end = from.at + length;
	get_value(L, &from, 0);
	if (from.at != from.end)
		fail(L);
	return 1;
}
